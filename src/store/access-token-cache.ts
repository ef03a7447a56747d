import type { AccessToken } from '../core/access-token.ts';
import type { AccessTokenCache } from '../core/access-token-cache.ts';
import type { Bytes } from '../core/bytes.ts';
import { toHex } from '../core/hex.ts';
import type { Keyring } from '../core/keyring.ts';
import type { Json, TokenQuery } from '../core/oauth-token.ts';
import { SealedCollection } from './sealed-collection.ts';

/** The part of Cloudflare's `KVNamespace` that {@link accessTokenCache} calls. */
export interface CacheNamespace {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>;
  put(key: string, value: Bytes, options: { readonly expirationTtl: number }): Promise<void>;
  delete(key: string): Promise<void>;
}

/** What {@link accessTokenCache} needs. */
export interface AccessTokenCacheOptions {
  /** A KV namespace, such as `env.KV`. */
  readonly namespace: CacheNamespace;
  readonly keyring: Keyring | PromiseLike<Keyring>;
  /** Default `default`. */
  readonly tenant?: string;
  /** How long an access token is handed out after the store was asked for it, in milliseconds. Default 60 000. */
  readonly maxAgeMs?: number;
  /** What every key begins with. Default `tokenkeep/a/`, which `kvBackend` leaves alone. */
  readonly prefix?: string;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** KV refuses a shorter life, in seconds. */
const minimumTtl = 60;
const fields = [
  'id',
  'userName',
  'issuer',
  'clientId',
  'clientSecret',
  'accessToken',
  'grantToken',
  'refreshToken',
  'resource',
  'scope',
] as const satisfies readonly (keyof TokenQuery)[];

/**
 * A read cache of access tokens in KV, near to whoever asks, in front of a store that is one place in the world. It holds
 * sealed access tokens and never what could renew one, so that KV's staleness can cost nobody a refresh token.
 *
 * How stale: a token is handed out for at most {@link AccessTokenCacheOptions.maxAgeMs} after the store was asked, whatever KV
 * still shows, because the end is sealed with it. For that long after a revocation or a sign-out the API is still asked with
 * the token, and may refuse it; `fetch` of the source then asks the store. A miss, a damaged entry and a failure of KV cost
 * one read of the store.
 *
 * @throws `E_INPUT` when the tenant cannot be one.
 */
export function accessTokenCache(options: AccessTokenCacheOptions): AccessTokenCache {
  const { namespace, keyring, tenant = 'default', prefix = 'tokenkeep/a/' } = options;
  const { maxAgeMs = 60_000, now = Date.now } = options;
  const sealed = new SealedCollection(tenant, 'access-tokens', keyring);

  const idOf = async (query: TokenQuery): Promise<string> => {
    const [value] = await sealed.lookup('identity', JSON.stringify(fields.map((field) => query[field] ?? null)));
    return toHex(value as Bytes);
  };
  const keyOf = (id: string): string => `${prefix}${sealed.partition}/${id}`;

  return {
    async read(query) {
      try {
        const id = await idOf(query);
        const value = await namespace.get(keyOf(id), 'arrayBuffer');
        if (value === null) return undefined;
        const record = { id, revision: 1, expiresAt: 0, sealed: new Uint8Array(value) };
        const [until, token] = (await sealed.open(record)) as unknown as [number, AccessToken];
        // an end further away than it can be was written before the clock was turned back
        return until > now() && until <= now() + maxAgeMs ? token : undefined;
      } catch {
        return undefined;
      }
    },

    async write(query, token, askedAt) {
      try {
        const id = await idOf(query);
        const payload = [askedAt + maxAgeMs, token] as unknown as Json;
        const record = await sealed.sealPayload({ id, revision: 1, expiresAt: 0, payload });
        const expirationTtl = Math.max(minimumTtl, Math.ceil(maxAgeMs / 1000));
        await namespace.put(keyOf(id), record.sealed, { expirationTtl });
      } catch {
        // the store has the token, and the next miss writes it again
      }
    },

    async forget(query) {
      await namespace.delete(keyOf(await idOf(query))).catch(() => undefined);
    },
  };
}
