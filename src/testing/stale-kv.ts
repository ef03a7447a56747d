import type { Bytes } from '../core/bytes.ts';
import { checkKvKey, checkKvPage, checkKvValue } from './kv-limits.ts';
import { type KvEntry, type KvOriginPage, kvOrigin } from './kv-origin.ts';

/** What {@link staleKv} can be told. */
export interface StaleKvOptions {
  /** The clock, in epoch milliseconds. Nothing here waits: to let time pass, turn it. */
  readonly now: () => number;
  /** How long a location goes on showing what it has read or listed, misses included. Default 60 000 milliseconds. */
  readonly staleMs?: number;
  /** How long a write stays out of every listing that is made anew. Default 60 000 milliseconds. */
  readonly listLagMs?: number;
  /** Whether a location sees its own writes at once, as it usually does. Default `false`: Cloudflare does not promise it. */
  readonly readsOwnWrites?: boolean;
}

/** A Workers KV namespace with the staleness that Cloudflare documents. */
export interface StaleKv {
  /** The namespace as a Worker in this location gets it. The same name is the same location. */
  at(location: string): StaleKvNamespace;
}

/** The part of Cloudflare's `KVNamespace` that `kvBackend` and `accessTokenCache` call. */
export interface StaleKvNamespace {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>;
  getWithMetadata(
    key: string,
    type: 'arrayBuffer',
  ): Promise<{ readonly value: ArrayBuffer | null; readonly metadata: unknown }>;
  put(
    key: string,
    value: string | Bytes,
    options?: { readonly expirationTtl?: number; readonly metadata?: unknown },
  ): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: {
    readonly prefix: string;
    readonly limit: number;
    readonly cursor: string | null;
  }): Promise<StaleKvListing>;
}

/** One page of keys. It may be empty without being the last. */
export type StaleKvListing = { readonly keys: readonly { readonly name: string; readonly metadata?: unknown }[] } & (
  | { readonly list_complete: true }
  | { readonly list_complete: false; readonly cursor: string }
);

/**
 * Workers KV for tests, as stale as Cloudflare says it may be. The local one of workerd is strongly consistent and hides
 * every bug that KV causes.
 *
 * - Each location keeps what it has read for `staleMs`, a miss like a value, and serves that until it runs out: "60 seconds
 *   or more" after a write elsewhere. Its own writes do not refresh it, unless `readsOwnWrites` says so. What it has not
 *   read lately comes from the central store, where a write is at once.
 * - The last write wins, whoever made it and whatever they had read.
 * - A listing shows what was written at least `listLagMs` ago, and is kept for `staleMs` as well. Keys that have gone take
 *   up room in its pages, so that a page may be empty and not the last.
 * - A key can be written once in a second, by everybody together; more is refused with 429. A life under 60 seconds, keys
 *   over 512 bytes, metadata over 1,024, values over 25 MiB and pages over 1,000 keys are refused in KV's own words.
 *
 * Kinder than KV in two things: a location that has nothing kept is never behind, and `staleMs` is exact.
 *
 * ```ts
 * const kv = staleKv({ now: () => time });
 * const [here, there] = [kvBackend(kv.at('fra')), kvBackend(kv.at('sfo'))];
 * ```
 *
 * Sources: "How KV works", "Write key-value pairs", "List keys" and "Limits" in Cloudflare's documentation of Workers KV.
 */
export function staleKv(options: StaleKvOptions): StaleKv {
  const { now, staleMs = 60_000, listLagMs = 60_000, readsOwnWrites = false } = options;
  const origin = kvOrigin(now);

  const open = (): StaleKvNamespace => {
    const values = kept<KvEntry | undefined>(now, staleMs);
    const listings = kept<KvOriginPage>(now, staleMs);
    const read = (key: string): KvEntry | undefined => {
      checkKvKey('GET', key);
      const entry = values.get(key, () => origin.read(key));
      return entry !== undefined && entry.expiresAt > now() ? entry : undefined;
    };
    const write = (method: 'PUT' | 'DELETE', key: string, entry: KvEntry | undefined): void => {
      checkKvKey(method, key);
      origin.write(method, key, entry);
      if (readsOwnWrites) values.drop(key);
    };

    return {
      get: async (key) => read(key)?.value.slice().buffer ?? null,

      async getWithMetadata(key) {
        const entry = read(key);
        return entry === undefined
          ? { value: null, metadata: null }
          : { value: entry.value.slice().buffer, metadata: parsed(entry.metadata) ?? null };
      },

      async put(key, value, { expirationTtl, metadata } = {}) {
        const bytes: Bytes = new Uint8Array(typeof value === 'string' ? new TextEncoder().encode(value) : value);
        const json = metadata === undefined ? '' : JSON.stringify(metadata);
        checkKvValue(bytes.length, json, expirationTtl);
        const expiresAt = expirationTtl === undefined ? Number.POSITIVE_INFINITY : now() + expirationTtl * 1000;
        write('PUT', key, { value: bytes, metadata: json, expiresAt });
      },

      delete: async (key) => write('DELETE', key, undefined),

      async list({ prefix, limit, cursor }) {
        checkKvPage(limit);
        const { entries, last } = listings.get(JSON.stringify([prefix, limit, cursor]), () =>
          origin.list(now() - listLagMs, prefix, limit, cursor ?? ''),
        );
        const keys = entries.map(([name, { metadata }]) => ({ name, ...(metadata && { metadata: parsed(metadata) }) }));
        return last === undefined ? { keys, list_complete: true } : { keys, list_complete: false, cursor: last };
      },
    };
  };

  const locations = new Map<string, StaleKvNamespace>();
  return {
    at(location) {
      const namespace = locations.get(location) ?? open();
      locations.set(location, namespace);
      return namespace;
    },
  };
}

/** Keeps each answer for a while, whatever becomes of what it was about. */
function kept<Answer>(
  now: () => number,
  forMs: number,
): { get(key: string, ask: () => Answer): Answer; drop(key: string): void } {
  const answers = new Map<string, { readonly answer: Answer; readonly until: number }>();
  return {
    get(key, ask) {
      const before = answers.get(key);
      if (before !== undefined && before.until > now()) return before.answer;
      const answer = ask();
      answers.set(key, { answer, until: now() + forMs });
      return answer;
    },
    drop: (key) => void answers.delete(key),
  };
}

function parsed(json: string): unknown {
  return json === '' ? undefined : JSON.parse(json);
}
