// What the tabs of the tests of several tabs load, and the test itself: one application over one IndexedDB.

import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import type { AccessToken } from '../../src/core/access-token.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { createPageClient } from '../../src/page/create-page-client.ts';
import type { PageClient } from '../../src/page/page-client.ts';
import type { PageEvent } from '../../src/page/page-events.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { watchConnections } from './indexeddb-connections.ts';

/** Which application a tab is to be. */
export interface TabSettings {
  /** Of the database, and of the one with the key. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** The clock of the claims, in epoch milliseconds. It stands still: no claim is ever over by itself. */
  readonly claimTime: number;
  /** Whether the tab has Web Locks. */
  readonly locks: boolean;
}

/** The application in this tab. */
export interface TabApplication {
  readonly client: PageClient;
  readonly store: EncryptedTokenStore;
  /** What the client told. */
  readonly events: readonly PageEvent[];
  /** Whether this tab has sent a refresh token. */
  sent: boolean;
  /** How many transactions this tab has begun. */
  transactions(): number;
  /** Moves the clock of the claims on, so that those of now are over. */
  endClaims(): void;
}

/** How a call ended: with a token, with the status of an answer, or with an error, in words that survive the way to the test. */
export interface Outcome {
  readonly accessToken?: string;
  readonly outcome?: string;
  readonly status?: number;
  readonly code?: string;
  readonly reason?: string | undefined;
}

const watch = watchConnections();

/** Where the authorization server sends the tabs' user back to. */
export const redirectUrl = `${location.origin}/page-tab-callback`;

export function openApplication({ name, issuer, clientId, claimTime, locks }: TabSettings): TabApplication {
  if (locks) Reflect.deleteProperty(navigator, 'locks');
  else Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
  let now = claimTime;
  const backend = indexedDbBackend({ name, now: () => now });
  const vault = openVault({ name: `${name}-keys` });
  const keyring = vault.open(deviceSlot()).then(() => vault.keyring);
  const store = new EncryptedTokenStore({ backend, keyring });
  const events: PageEvent[] = [];
  const application: TabApplication = {
    store,
    events,
    sent: false,
    transactions: () => watch.transactions.length,
    endClaims: () => {
      now += 60_000;
    },
    client: createPageClient({
      store,
      transactions: new OneTimeStore({ backend, keyring, collection: 'login' }),
      client: { provider: { issuer }, clientId, redirectUrl, scope: ['openid', 'offline_access'] },
      allowedOrigins: [issuer],
      fetch: (input, init) => {
        if (`${init?.body}`.includes('grant_type=refresh_token')) application.sent = true;
        return fetch(input, init);
      },
    }),
  };
  application.client.subscribe((event) => events.push(event));
  return application;
}

/** Makes an outcome of a call. */
export function outcomeOf(call: Promise<AccessToken | Response>): Promise<Outcome> {
  return call.then(
    (result) =>
      result instanceof Response
        ? { status: result.status }
        : { accessToken: result.accessToken, outcome: result.outcome },
    (error: unknown) =>
      error instanceof TokenkeepError
        ? { code: error.code, ...(error.reason && { reason: error.reason }) }
        : { code: `${error}` },
  );
}
