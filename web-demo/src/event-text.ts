import type { PageEvent } from 'tokenkeep/page';

/** What an event means, in a sentence for the log, and whether it is bad news. */
export function eventText(event: PageEvent): { readonly text: string; readonly failed: boolean } {
  switch (event.type) {
    case 'signed-in':
      return good('Signed in.');
    case 'signed-out':
      return good('Signed out.');
    case 'refreshed':
      return good('Renewed: the new access token is sealed and stored.');
    case 'joined':
      return good('Waited for the renewal that was under way, and got its token.');
    case 'adopted':
      return good('Somebody else had stored a newer token: used that one.');
    case 'discarded':
      return good('The token was renewed for somebody who had signed out meanwhile: revoked.');
    case 'in-doubt':
      return bad('The renewal was cut off: nobody knows whether the server replaced the refresh token.');
    case 'retry-later':
      return bad(`The server could not renew it now. Nobody asks again for ${seconds(event.retryAfterMs)}.`);
    case 'reauth-required':
      return bad(reauthText(event.reason));
    case 'configuration-error':
      return bad(`The server refused this client (${event.oauthError ?? 'no reason given'}). The token is untouched.`);
    case 'persist-failed':
      return bad('The server gave a new token, and the database did not take it.');
  }
}

/** Why the user has to sign in again. */
export function reauthText(reason: 'refused' | 'interrupted'): string {
  return reason === 'refused'
    ? 'The server no longer renews this token: sign in again.'
    : 'A renewal was cut off, and the server no longer takes the refresh token: sign in again.';
}

const good = (text: string) => ({ text, failed: false });
const bad = (text: string) => ({ text, failed: true });

function seconds(ms: number): string {
  const count = Math.ceil(ms / 1000);
  return count === 1 ? 'a second' : `${count} seconds`;
}
