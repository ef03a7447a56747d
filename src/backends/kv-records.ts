import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { KeptRecord, LookupField, RecordKeys, RecordPage, StoredRecord } from '../core/record-backend.ts';
import { hasKeys } from './has-keys.ts';
import { heldValue } from './held-value.ts';
import { kvKeys } from './kv-keys.ts';
import type { KVKey, KvNamespace } from './kv-namespace.ts';
import { kvMetadata, recordFromKv } from './kv-record.ts';

/** Records in a KV namespace, each with an entry for every value it can be found by. */
export interface KvRecords {
  read(partition: string, id: string): Promise<KeptRecord | undefined>;
  /** The records whose own field holds one of the values. Entries that lead elsewhere, or nowhere, are passed over. */
  find(partition: string, field: LookupField | 'identity', values: readonly Bytes[]): Promise<readonly KeptRecord[]>;
  /**
   * Writes a record over the present one. When it rejects, the present one is still in place and found.
   *
   * @throws `E_INPUT`, before anything is written, when a key would be too long.
   */
  write(record: StoredRecord, present: KeptRecord | undefined): Promise<void>;
  /** Deletes a record, also one that cannot be seen here yet. When it rejects, the record is still in place and found. */
  remove(partition: string, id: string): Promise<KeptRecord | undefined>;
  /** The first `limit` records to be renewed. Lists all records of the partition and reads those that are due. */
  due(partition: string, at: number, limit: number): Promise<readonly KeptRecord[]>;
  /** The records of one page of a listing, of one partition or of all, that pass by what the listing shows of them. */
  page(limit: number, options: KvPageOptions): Promise<RecordPage>;
  /** Records without their sealed bytes, of one partition or of all. */
  listed(partition?: string): AsyncGenerator<KeptRecord, void, undefined>;
}

/** Which records a page is about. */
export interface KvPageOptions {
  readonly partition?: string;
  readonly cursor?: string | undefined;
  readonly except?: RecordKeys | undefined;
}

/** KV refuses a shorter life, in seconds. */
export const minimumTtl = 60;
/** And the runtime a longer one. What lives more than 68 years is kept without an end. */
const maximumTtl = 2 ** 31 - 1;

/** The records under a prefix. */
export function kvRecords(kv: KvNamespace, prefix: string, now: () => number): KvRecords {
  const keys = kvKeys(prefix);

  const lifeOf = (expiresAt: number): { readonly expirationTtl?: number } => {
    const expirationTtl = Math.max(minimumTtl, Math.ceil((expiresAt - now()) / 1000));
    return expiresAt > 0 && expirationTtl <= maximumTtl ? { expirationTtl } : {};
  };

  const read: KvRecords['read'] = async (partition, id) => {
    const { value, metadata } = await kv.get(keys.record(partition, id));
    return value === null ? undefined : recordFromKv({ partition, id }, metadata, value);
  };

  const listed = (page: readonly KVKey[]): readonly KeptRecord[] =>
    page.flatMap(({ name, metadata }) => {
      const named = keys.parse(name);
      return named === undefined ? [] : [recordFromKv(named, metadata)];
    });

  async function* pages(partition?: string): AsyncGenerator<readonly KeptRecord[], void, undefined> {
    for await (const page of kv.list(keys.records(partition))) yield listed(page);
  }

  return {
    read,

    async find(partition, field, values) {
      const found = new Map<string, KeptRecord>();
      for (const value of values) {
        const prefix = keys.entriesOf(partition, field, value);
        for await (const entries of kv.list(prefix)) {
          const records = await Promise.all(entries.map(({ name }) => read(partition, name.slice(prefix.length))));
          for (const record of records) {
            const held = record && heldValue(record, field);
            if (record !== undefined && held !== undefined && equalBytes(held, value)) found.set(record.id, record);
          }
        }
      }
      return [...found.values()];
    },

    async write(record, present) {
      const key = keys.record(record.partition, record.id);
      const entries = keys.entriesFor(record);
      const before = present === undefined ? [] : keys.entriesFor(present);
      const kept = present?.expiresAt === record.expiresAt ? before : [];
      const life = lifeOf(record.expiresAt);
      // In this order a failure at any step leaves a record that its entries lead to: the present one or the new one.
      await Promise.all(entries.filter((entry) => !kept.includes(entry)).map((entry) => kv.put(entry, '', life)));
      await kv.put(key, record.sealed, { ...life, metadata: kvMetadata(record) });
      await kv.tryDelete(before.filter((entry) => !entries.includes(entry)));
    },

    async remove(partition, id) {
      const present = await read(partition, id);
      await kv.delete(keys.record(partition, id));
      if (present !== undefined) await kv.tryDelete(keys.entriesFor(present));
      return present;
    },

    async due(partition, at, limit) {
      const earliest = (records: readonly KeptRecord[]): KeptRecord[] =>
        records
          .filter(({ dueAt }) => dueAt > 0 && dueAt <= at)
          .sort((left, right) => left.dueAt - right.dueAt)
          .slice(0, limit);
      let listed: KeptRecord[] = [];
      for await (const page of pages(partition)) listed = earliest([...listed, ...page]);
      const records = await Promise.all(listed.map(({ id }) => read(partition, id)));
      // A listing may be older than the records.
      return earliest(records.filter((record) => record !== undefined));
    },

    async page(limit, { partition, cursor, except }) {
      const page = await kv.page(keys.records(partition), limit, cursor);
      const isMeant = (record: KeptRecord): boolean => !hasKeys(record, except);
      const chosen = listed(page.keys).filter(isMeant);
      const present = await Promise.all(chosen.map((record) => read(record.partition, record.id)));
      // A listing may be older than the records.
      const records = present.filter((record) => record !== undefined && isMeant(record)) as KeptRecord[];
      return page.list_complete ? { records } : { records, cursor: page.cursor };
    },

    async *listed(partition) {
      for await (const page of pages(partition)) yield* page;
    },
  };
}
