import type { TokenEvent, TokenListeners } from '../core/token-event.ts';
import { within } from './within.ts';

/** Tells the listeners, and resolves when those that are waited for have been told. Never rejects. */
export type EventTeller = (event: TokenEvent) => Promise<void>;

const patienceMs = 5000;

/** Makes a teller. What a listener throws is ignored, and how long it takes is limited: an event is never worth a token. */
export function eventTeller({ onEvent, onEventAwaited }: TokenListeners): EventTeller {
  return async (event) => {
    // a listener may be an async function, whose rejection nobody else would handle
    (async () => onEvent?.(event))().catch(() => undefined);
    if (onEventAwaited !== undefined) await within(patienceMs, (async () => onEventAwaited(event))());
  };
}
