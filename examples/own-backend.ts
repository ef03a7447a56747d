// A backend of one's own: thirteen operations on opaque records, here over a Map, and the contract that every backend passes.
// Matching, merging, sealing and renewing are the store's, so that two backends cannot disagree about them.
import {
  type Claim,
  claimed,
  claimState,
  EncryptedTokenStore,
  generateKeyring,
  importKeyring,
  type KeptRecord,
  type PutCondition,
  type PutOutcome,
  type RecordBackend,
  released,
  type StoredRecord,
  unclaimed,
  written,
} from 'tokenkeep';
import { recordBackendContract, tokenStoreContract } from 'tokenkeep/testing';

interface Row {
  readonly record: StoredRecord;
  /** Who renews the token. `claimed`, `released` and `written` of tokenkeep say how it changes. */
  readonly claim: Claim;
}

function mapBackend(rows = new Map<string, Row>(), now = Date.now): RecordBackend {
  const key = (partition: string, id: string) => JSON.stringify([partition, id]);
  const same = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;
  const kept = ({ record, claim }: Row): KeptRecord => ({
    ...structuredClone(record),
    claim: claimState(claim, now()),
  });
  const change = (row: Row) => rows.set(key(row.record.partition, row.record.id), row);
  const all = (partition?: string) =>
    [...rows.values()]
      .filter(({ record }) => partition === undefined || record.partition === partition)
      .sort((left, right) => (left.record.id < right.record.id ? -1 : 1));

  const put = (record: StoredRecord, condition: PutCondition): PutOutcome => {
    const current = rows.get(key(record.partition, record.id));
    const others = all(record.partition).filter((row) => row.record.id !== record.id);
    if (current?.record.revision !== condition.revision) return 'conflict';
    if (others.some((row) => same(row.record.identity, record.identity))) return 'conflict';
    change({ record: structuredClone(record), claim: current ? written(current.claim, condition) : unclaimed });
    return 'stored';
  };

  return {
    // what callers may count on: this runs in one process, where nothing comes between two lines without await
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },
    async get(partition, id) {
      const row = rows.get(key(partition, id));
      return row && kept(row);
    },
    async find(partition, field, values) {
      const held = ({ record }: Row) => (field === 'identity' ? record.identity : record.lookups[field]);
      return all(partition)
        .filter((row) => values.some((value) => same(held(row) ?? new Uint8Array(), value)))
        .map(kept);
    },
    async put(record, condition) {
      return put(record, condition);
    },
    async claim(partition, id, request) {
      const current = rows.get(key(partition, id));
      if (current === undefined) return { granted: false };
      const { outcome, claim } = claimed(current.claim, current.record.revision, request, now());
      change({ ...current, claim });
      return outcome;
    },
    async release(partition, id, release) {
      const current = rows.get(key(partition, id));
      if (current !== undefined) change({ ...current, claim: released(current.claim, release, now()) });
    },
    async delete(partition, id) {
      const row = rows.get(key(partition, id));
      rows.delete(key(partition, id));
      return row && kept(row);
    },
    async page(partition, limit, cursor = '') {
      const page = all(partition).filter(({ record }) => record.id > cursor);
      const records = page.slice(0, limit).map(kept);
      const last = records.at(-1);
      return page.length > limit && last !== undefined ? { records, cursor: last.id } : { records };
    },
    async clear(partition) {
      for (const { record } of all(partition)) rows.delete(key(partition, record.id));
    },
    async putEach(writes) {
      return writes.map(({ record, condition }) => put(record, condition));
    },
    async scan(limit, { cursor = '', except } = {}) {
      const isMeant = ({ keyId, indexKeyId }: StoredRecord) =>
        keyId !== except?.keyId || indexKeyId !== except.indexKeyId;
      const names = [...rows.keys()].sort().filter((name) => name > cursor);
      const page = names.filter((name) => isMeant((rows.get(name) as Row).record));
      const records = page.slice(0, limit).map((name) => kept(rows.get(name) as Row));
      const last = page[limit - 1];
      return page.length > limit && last !== undefined ? { records, cursor: last } : { records };
    },
    async keyUse(partition) {
      const uses = Map.groupBy(all(partition), ({ record }) => `${record.keyId} ${record.indexKeyId}`);
      return [...uses].map(([keys, { length }]) => {
        const [keyId = '', indexKeyId = ''] = keys.split(' ');
        return { keyId, indexKeyId, records: length };
      });
    },
    async due(partition, at, limit) {
      const free = all(partition).filter(({ record, claim }) => {
        const { heldMs, coolingMs } = claimState(claim, now());
        return record.dueAt > 0 && record.dueAt <= at && heldMs === 0 && coolingMs === 0;
      });
      const since = ({ record, claim }: Row) => Math.max(record.dueAt, claim.retryAt);
      return free
        .sort((left, right) => since(left) - since(right))
        .slice(0, limit)
        .map(kept);
    },
    async deleteExpired(at, limit) {
      const expired = all()
        .filter(({ record }) => record.expiresAt > 0 && record.expiresAt <= at)
        .slice(0, limit);
      for (const { record } of expired) rows.delete(key(record.partition, record.id));
      return expired.length;
    },
  };
}

const keyring = importKeyring(await generateKeyring());
const backend = mapBackend();
const cases = [
  ...recordBackendContract(() => backend),
  ...tokenStoreContract(() => new EncryptedTokenStore({ backend, keyring, tenant: crypto.randomUUID() })),
];
for (const { run } of cases) await run();
console.log(`a backend of one's own keeps ${cases.length} promises`);
