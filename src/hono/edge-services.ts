import type { Keyring } from '../core/keyring.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import type { KeepRunning } from '../manager/keep-running.ts';
import type { OAuthClient } from '../oauth/oauth-client.ts';
import type { OAuthOptions } from '../oauth/oauth-options.ts';
import { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import type { EdgeOptions } from './edge-options.ts';
import { SessionStore } from './session-store.ts';

/** What works with stored tokens: built for one request or one run of scheduled work, and gone with it. */
export interface EdgeServices {
  readonly options: EdgeOptions;
  readonly keyring: Keyring;
  readonly tenant: string;
  readonly store: EncryptedTokenStore;
  readonly sessions: SessionStore;
  /** How long a session lasts at most, in milliseconds. */
  readonly sessionMs: number;
  readonly client: OAuthClient;
  readonly oauth: OAuthOptions;
  readonly now: () => number;
  /** Keeps the runtime alive until the work has ended. Takes work that fails. */
  readonly keepRunning: KeepRunning;
}

const day = 86_400_000;

/**
 * @param redirectUrl where the server sends browsers back to; of no matter where nobody signs in.
 * @throws `E_KEYRING` when the keyring setting is missing or malformed.
 */
export async function openServices(
  options: EdgeOptions,
  redirectUrl: string,
  keepRunning: KeepRunning,
): Promise<EdgeServices> {
  const { backend, tenant = 'default', sessionMs = 30 * day, idleMs = 7 * day, now = Date.now } = options;
  const keyring = await importKeyring(options.keyring);
  return {
    options,
    keyring,
    tenant,
    store: new EncryptedTokenStore({ backend, keyring, tenant }),
    sessions: new SessionStore({ backend, keyring, tenant, idleMs, sessionMs, now }),
    sessionMs,
    client: { ...options.client, redirectUrl },
    oauth: { now, ...(options.fetch === undefined ? {} : { fetch: options.fetch }) },
    now,
    keepRunning,
  };
}
