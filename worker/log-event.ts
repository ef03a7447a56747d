import type { TokenEvent } from 'tokenkeep';

/** Writes an event as one line of JSON. Events hold ids and no secrets, so that any log may have them. */
export function logEvent(event: TokenEvent): void {
  console.log(JSON.stringify(event));
}
