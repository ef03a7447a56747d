import type { Context } from 'hono';
import { basePath } from 'hono/route';
import type { Keyring } from '../core/keyring.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import type { OAuthClient } from '../oauth/oauth-client.ts';
import type { OAuthOptions } from '../oauth/oauth-options.ts';
import { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import { OneTimeStore } from '../store/one-time-store.ts';
import type { EdgeOptions } from './edge-options.ts';

/** What the routes work with: built for one request, and gone with it. */
export interface Edge {
  readonly options: EdgeOptions;
  readonly keyring: Keyring;
  readonly tenant: string;
  readonly store: EncryptedTokenStore;
  /** The sign-ins that have been completed, or given up, within the last minutes. */
  readonly spentLogins: OneTimeStore;
  readonly client: OAuthClient;
  readonly oauth: OAuthOptions;
  /** Our own origin. */
  readonly origin: string;
  /** Where the routes are mounted: empty, or a path without a slash at the end. */
  readonly base: string;
  readonly now: () => number;
}

/**
 * @throws `E_KEYRING` when the keyring setting is missing or malformed.
 */
export async function openEdge(c: Context, options: EdgeOptions): Promise<Edge> {
  const { backend, tenant = 'default', now = Date.now } = options;
  const keyring = await importKeyring(options.keyring);
  const origin = options.origin ?? new URL(c.req.url).origin;
  const base = basePath(c).replace(/\/+$/, '');
  return {
    options,
    keyring,
    tenant,
    store: new EncryptedTokenStore({ backend, keyring, tenant }),
    spentLogins: new OneTimeStore({ backend, keyring, tenant, collection: 'spent-logins', now }),
    client: { ...options.client, redirectUrl: `${origin}${base}/auth/callback` },
    oauth: { now, ...(options.fetch === undefined ? {} : { fetch: options.fetch }) },
    origin,
    base,
    now,
  };
}
