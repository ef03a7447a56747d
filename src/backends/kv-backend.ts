import { equalBytes } from '../core/bytes.ts';
import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { heldValue } from './held-value.ts';
import { kvKeys } from './kv-keys.ts';
import { type KVLike, kvNamespace } from './kv-namespace.ts';
import { kvMetadata, recordFromKv } from './kv-record.ts';

export type { KVKey, KVLike, KVListing, KVPutOptions } from './kv-namespace.ts';

/** What {@link kvBackend} can be told. */
export interface KvBackendOptions {
  /** What every key begins with, so that other data may share the namespace. Default `tokenkeep/`. */
  readonly prefix?: string;
  /** The clock by which a record's remaining life is told, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** KV refuses a shorter life, in seconds. */
const minimumTtl = 60;
/** And the runtime a longer one. What lives more than 68 years is kept without an end. */
const maximumTtl = 2 ** 31 - 1;

/**
 * Keeps records in a Workers KV namespace, with all that KV is not: a write may show elsewhere a minute later or more, two
 * writers at once both succeed and one is lost, and nothing excludes anybody. `put` compares what it can see. Suited to
 * tokens that do not rotate, to a single writer, or as a cache of access tokens in front of D1.
 *
 * A write that fails leaves the record as it was. What a failure can leave behind are entries that lead nowhere, which
 * `find` recognizes by the record's own lookups. `clear` needs one operation for each key, and a Worker has a thousand per
 * request: call it again until it succeeds.
 *
 * @throws `E_INPUT` where the tenant and the id together make a key longer than 512 bytes. Nothing is written then.
 */
export function kvBackend(
  namespace: KVLike,
  { prefix = 'tokenkeep/', now = Date.now }: KvBackendOptions = {},
): RecordBackend {
  const kv = kvNamespace(namespace);
  const keys = kvKeys(prefix);

  const read = async (key: string): Promise<KeptRecord | undefined> => {
    const { value, metadata } = await kv.get(key);
    return value === null ? undefined : recordFromKv(keys.parse(key), metadata, value);
  };

  const lifeOf = (expiresAt: number): { readonly expirationTtl?: number } => {
    const expirationTtl = Math.max(minimumTtl, Math.ceil((expiresAt - now()) / 1000));
    return expiresAt > 0 && expirationTtl <= maximumTtl ? { expirationTtl } : {};
  };

  const remove = async (record: KeptRecord): Promise<void> => {
    await kv.delete(keys.record(record.partition, record.id));
    await kv.tryDelete(keys.entriesFor(record));
  };

  const backend: RecordBackend = {
    capabilities: { compareAndSet: false, strongReads: false, atomicClear: false, minimumTtlMs: minimumTtl * 1000 },

    async get(partition, id) {
      return read(keys.record(partition, id));
    },

    async find(partition, field, values) {
      const found = new Map<string, KeptRecord>();
      for (const value of values) {
        const entries = keys.entriesOf(partition, field, value);
        for await (const page of kv.list(entries)) {
          const ids = page.map(({ name }) => name.slice(entries.length));
          for (const record of await Promise.all(ids.map((id) => read(keys.record(partition, id))))) {
            const held = record && heldValue(record, field);
            if (record !== undefined && held !== undefined && equalBytes(held, value)) found.set(record.id, record);
          }
        }
      }
      return [...found.values()];
    },

    async put(record, condition) {
      const { partition, id, identity, expiresAt } = record;
      const key = keys.record(partition, id);
      const entries = keys.entriesFor(record);
      const current = await read(key);
      if (current?.revision !== condition.revision) return 'conflict';
      if (current === undefined || !equalBytes(current.identity, identity)) {
        const holders = await backend.find(partition, 'identity', [identity]);
        if (holders.some((holder) => holder.id !== id)) return 'conflict';
      }
      const before = current === undefined ? [] : keys.entriesFor(current);
      const life = lifeOf(expiresAt);
      // In this order a failure at any step leaves a record that its entries lead to: the old one or the new one.
      const kept = current?.expiresAt === expiresAt ? before : [];
      await Promise.all(entries.filter((entry) => !kept.includes(entry)).map((entry) => kv.put(entry, '', life)));
      await kv.put(key, record.sealed, { ...life, metadata: kvMetadata(record) });
      await kv.tryDelete(before.filter((entry) => !entries.includes(entry)));
      return 'stored';
    },

    async claim() {
      throw new TokenkeepError('E_UNSUPPORTED', 'KV cannot exclude anybody, so it grants no claims; use D1 for that');
    },

    async release() {
      throw new TokenkeepError('E_UNSUPPORTED', 'KV cannot exclude anybody, so it has no claims; use D1 for that');
    },

    async delete(partition, id) {
      const key = keys.record(partition, id);
      const record = await read(key);
      await (record === undefined ? kv.delete(key) : remove(record));
    },

    async page(partition, limit, cursor) {
      const page = await kv.page(keys.records(partition), limit, cursor);
      const records = await Promise.all(page.keys.map(({ name }) => read(name)));
      const present = records.filter((record) => record !== undefined);
      return page.list_complete ? { records: present } : { records: present, cursor: page.cursor };
    },

    async clear(partition) {
      for (const prefix of [keys.records(partition), keys.entries(partition)]) {
        for await (const page of kv.list(prefix)) await Promise.all(page.map(({ name }) => kv.delete(name)));
      }
    },

    async countByKeyId(keyId, partition) {
      let records = 0;
      for await (const page of kv.list(keys.records(partition))) {
        for (const { name, metadata } of page) {
          const record = recordFromKv(keys.parse(name), metadata);
          if (record.keyId === keyId || record.indexKeyId === keyId) records++;
        }
      }
      return records;
    },

    async deleteExpired(at, limit) {
      let deleted = 0;
      for await (const page of kv.list(keys.records())) {
        for (const { name, metadata } of page) {
          const record = recordFromKv(keys.parse(name), metadata);
          if (record.expiresAt === 0 || record.expiresAt > at) continue;
          if (deleted === limit) return deleted;
          await remove(record);
          deleted++;
        }
      }
      return deleted;
    },
  };
  return backend;
}
