import type { Bytes } from '../core/bytes.ts';
import type { KeptRecord, RecordBackend, StoredRecord } from '../core/record-backend.ts';

/** What a case of the record contract works with: names of its own, so that cases may share one database. */
export interface RecordScenario {
  readonly backend: RecordBackend;
  /** An empty partition. */
  readonly partition: string;
  /** A second empty partition, whose name begins with the first one's. */
  readonly neighbour: string;
  /** A key id that no other case uses. */
  readonly keyId: string;
  /** A record of revision 1 in the partition, with an identity of its own, no lookups and no expiry. */
  sample(id: string, changes?: Partial<StoredRecord>): StoredRecord;
  /** Writes a sample as a new record. */
  add(id: string, changes?: Partial<StoredRecord>): Promise<StoredRecord>;
}

/** The cases of one theme: the promise as a sentence, and what checks it. */
export type RecordCases = Readonly<Record<string, (scenario: RecordScenario) => Promise<void>>>;

/** Random bytes. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A record that nobody has claimed, as the backend is to return it. */
export function unclaimedRecord(record: StoredRecord): KeptRecord {
  return { ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } };
}

/** A scenario over a backend. */
export function recordScenario(backend: RecordBackend): RecordScenario {
  const partition = `${crypto.randomUUID()}/tokens`;
  const keyId = crypto.randomUUID().slice(0, 8);
  const sample: RecordScenario['sample'] = (id, changes) => ({
    partition,
    id,
    revision: 1,
    identity: randomBytes(16),
    lookups: {},
    keyId,
    indexKeyId: '89abcdef',
    expiresAt: 0,
    dueAt: 0,
    sealed: randomBytes(338),
    ...changes,
  });
  const add: RecordScenario['add'] = async (id, changes) => {
    const record = sample(id, changes);
    const outcome = await backend.put(record, {});
    if (outcome !== 'stored') throw new Error(`a new record could not be stored: ${outcome}`);
    return record;
  };
  return { backend, partition, neighbour: `${partition}-2`, keyId, sample, add };
}
