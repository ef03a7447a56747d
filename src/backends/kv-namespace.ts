import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { requireBinding } from './require-binding.ts';
import { storageError } from './storage-error.ts';

/** The part of Cloudflare's `KVNamespace` that {@link kvBackend} calls. */
export interface KVLike {
  getWithMetadata(
    key: string,
    type: 'arrayBuffer',
  ): Promise<{ readonly value: ArrayBuffer | null; readonly metadata: unknown }>;
  put(key: string, value: string | Uint8Array<ArrayBuffer>, options: KVPutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: { prefix: string; limit: number; cursor: string | null }): Promise<KVListing>;
}

/** What {@link KVLike.put} is told: a life in seconds, and data that listings show. */
export interface KVPutOptions {
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

/** One page of keys. It may be empty without being the last. */
export type KVListing = { readonly keys: readonly KVKey[] } & (
  | { readonly list_complete: true }
  | { readonly list_complete: false; readonly cursor: string }
);

/** A key, and what was stored beside its value. */
export interface KVKey {
  readonly name: string;
  readonly metadata?: unknown;
}

/** A namespace whose failures are typed, and whose listings do not end at a page. */
export interface KvNamespace {
  get(key: string): Promise<{ readonly value: ArrayBuffer | null; readonly metadata: unknown }>;
  put(key: string, value: string | Uint8Array<ArrayBuffer>, options: KVPutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  /** Deletes what it can. For keys that do no harm, so that a failure after the real change does not look like none. */
  tryDelete(keys: readonly string[]): Promise<void>;
  page(prefix: string, limit: number, cursor?: string): Promise<KVListing>;
  list(prefix: string): AsyncGenerator<readonly KVKey[], void, undefined>;
}

/** KV lists no more keys at once. */
const maxListed = 1000;

/** Wraps the binding. */
export function kvNamespace(kv: KVLike): KvNamespace {
  requireBinding(kv, 'a KV namespace');
  const namespace: KvNamespace = {
    get: (key) => typed(() => kv.getWithMetadata(key, 'arrayBuffer')),
    put: (key, value, options) => typed(() => kv.put(key, value, options)),
    delete: (key) => typed(() => kv.delete(key)),
    tryDelete: async (keys) => void (await Promise.allSettled(keys.map((key) => namespace.delete(key)))),
    page: (prefix, limit, cursor = '') =>
      typed(() => kv.list({ prefix, limit: Math.min(limit, maxListed), cursor: cursor === '' ? null : cursor })),
    async *list(prefix) {
      let cursor: string | undefined;
      do {
        const page: KVListing = await namespace.page(prefix, maxListed, cursor);
        yield page.keys;
        cursor = page.list_complete ? undefined : page.cursor;
      } while (cursor !== undefined);
    },
  };
  return namespace;
}

async function typed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = String(error);
    if (/\b429\b/.test(message)) {
      throw new TokenkeepError('E_STORAGE', 'KV takes one write of a key in a second; wait a second, then try again');
    }
    throw storageError(/\b413\b|limit exceeded for the day/i.test(message));
  }
}
