import type { Bytes } from '../core/bytes.ts';
import { kvWriteIntervalMs } from './kv-limits.ts';

/** What is stored under a key. */
export interface KvEntry {
  readonly value: Bytes;
  /** JSON; empty when there is none. */
  readonly metadata: string;
  /** Epoch milliseconds; `Infinity` is never. */
  readonly expiresAt: number;
}

/** The keys of one page, and whether there are more behind the last one that was looked at. */
export interface KvOriginPage {
  readonly entries: readonly (readonly [key: string, entry: KvEntry])[];
  readonly last: string | undefined;
}

/** The central store behind the locations of a Workers KV namespace: where the last write wins. */
export interface KvOrigin {
  read(key: string): KvEntry | undefined;
  /**
   * Writes an entry, or deletes it where there is none.
   *
   * @throws `Error` with 429 when the key was written less than a second ago, from wherever.
   */
  write(method: 'PUT' | 'DELETE', key: string, entry: KvEntry | undefined): void;
  /** The keys after `after`, in order, as they were at an instant. A key that has gone counts for the limit. */
  list(at: number, prefix: string, limit: number, after: string): KvOriginPage;
}

/** An empty central store. */
export function kvOrigin(now: () => number): KvOrigin {
  const written = new Map<string, { readonly at: number; readonly entry: KvEntry | undefined }[]>();
  return {
    read: (key) => written.get(key)?.at(-1)?.entry,

    write(method, key, entry) {
      const versions = written.get(key) ?? [];
      const last = versions.at(-1);
      if (last !== undefined && now() - last.at < kvWriteIntervalMs) {
        throw new Error(`KV ${method} failed: 429 Too Many Requests`);
      }
      written.set(key, [...versions, { at: now(), entry }]);
    },

    list(at, prefix, limit, after) {
      const keys = [...written.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      const page = keys.slice(0, limit).flatMap((key) => {
        const entry = written.get(key)?.findLast((version) => version.at <= at)?.entry;
        return entry === undefined || entry.expiresAt <= now() ? [] : [[key, entry] as const];
      });
      return { entries: page, last: keys.length > limit ? keys[limit - 1] : undefined };
    },
  };
}
