import type { PutOutcome, RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { keyTally } from './key-tally.ts';
import { kvKeys } from './kv-keys.ts';
import { type KVLike, kvNamespace } from './kv-namespace.ts';
import { kvRecords, minimumTtl } from './kv-records.ts';
import { putToKv } from './put-to-kv.ts';

export type { KVKey, KVLike, KVListing, KVPutOptions } from './kv-namespace.ts';

/** What {@link kvBackend} can be told. */
export interface KvBackendOptions {
  /** What every key begins with, so that other data may share the namespace. Default `tokenkeep/`. */
  readonly prefix?: string;
  /** The clock by which a record's remaining life is told, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps records in a Workers KV namespace, with all that KV is not: a write may show elsewhere a minute later or more, two
 * writers at once both succeed and one is lost, and nothing excludes anybody. `put` compares what it can see. Suited to
 * tokens that do not rotate, to a single writer, or as a cache of access tokens in front of D1.
 *
 * A write that fails leaves the record as it was. What a failure can leave behind are entries that lead nowhere, which
 * `find` recognizes by the record's own lookups. A Worker has a thousand operations per request. `clear` needs one for each
 * key: call it again until it succeeds. `due`, `deleteExpired` and `keyUse` list all records, a thousand with each; a
 * page of `scan` is one listing, and reads the records in it that it is for. `putEach` writes six records at a time.
 *
 * @throws `E_CONFIG` when there is no such binding.
 * @throws `E_INPUT` where the tenant and the id together make a key longer than 512 bytes. Nothing is written then.
 */
export function kvBackend(
  namespace: KVLike,
  { prefix = 'tokenkeep/', now = Date.now }: KvBackendOptions = {},
): RecordBackend {
  const kv = kvNamespace(namespace);
  const keys = kvKeys(prefix);
  const records = kvRecords(kv, prefix, now);

  return {
    capabilities: { compareAndSet: false, strongReads: false, atomicClear: false, minimumTtlMs: minimumTtl * 1000 },

    get: records.read,
    find: records.find,

    async put(record, condition) {
      const [outcome] = await putToKv(records, [{ record, condition }]);
      return outcome as PutOutcome;
    },

    putEach: (writes) => putToKv(records, writes),

    claim: noClaims,
    release: noClaims,

    delete: records.remove,

    page: (partition, limit, cursor) => records.page(limit, { partition, cursor }),
    scan: (limit, options) => records.page(limit, { ...options }),

    async clear(partition) {
      for (const prefix of [keys.records(partition), keys.entries(partition)]) {
        for await (const page of kv.list(prefix)) await Promise.all(page.map(({ name }) => kv.delete(name)));
      }
    },

    async keyUse(partition) {
      const tally = keyTally();
      for await (const { keyId, indexKeyId } of records.listed(partition)) tally.add(keyId, indexKeyId);
      return tally.uses();
    },

    due: records.due,

    async deleteExpired(at, limit) {
      let deleted = 0;
      for await (const record of records.listed()) {
        if (record.expiresAt === 0 || record.expiresAt > at) continue;
        if (deleted === limit) break;
        await records.remove(record.partition, record.id);
        deleted++;
      }
      return deleted;
    },
  };
}

async function noClaims(): Promise<never> {
  throw new TokenkeepError('E_UNSUPPORTED', 'KV excludes nobody, so it has no claims; use D1 where tokens rotate');
}
