import type { KeptRecord, RecordBackend, StoredRecord } from '../core/record-backend.ts';
import type { SealedCollection } from './sealed-collection.ts';

/** What is left of a write when twins are settled. */
export interface Settlement {
  /** Whether the write stands. Else it was taken back, since another record has its identity. */
  readonly stands: boolean;
  /** Records that were deleted, and that somebody had written to since they were read: what they hold has to be saved again. */
  readonly changed: readonly KeptRecord[];
}

/**
 * Two records of one identity that were made with two index keys do not meet in the database's unique index. So while there are
 * two such keys, whoever has added a record looks again, and takes his own back when he sees another one: of two writers at least
 * the later one sees the other, and nobody deletes what somebody else was told is saved. When both do, both start over.
 *
 * A writer that dies before he looks leaves twins. Readers take one of them, always the same; and the next save, which has
 * merged them, deletes the others once it is written.
 *
 * @param identity of the record, in the clear.
 * @param twins what the write has merged, as it was read; absent when the record is a new one.
 */
export async function settleTwins(
  backend: RecordBackend,
  sealed: SealedCollection,
  record: StoredRecord,
  identity: string,
  twins: readonly KeptRecord[] | undefined,
): Promise<Settlement> {
  if (!backend.capabilities.compareAndSet) return { stands: true, changed: [] };
  const own = twins === undefined && (await isTaken(backend, sealed, record, identity)) ? [record] : [];
  const changed: KeptRecord[] = [];
  for (const { partition, id, revision } of [...own, ...(twins ?? [])]) {
    const deleted = await backend.delete(partition, id);
    if (deleted !== undefined && deleted.revision !== revision) changed.push(deleted);
  }
  return { stands: own.length === 0, changed };
}

/** Whether another record has the identity under one of the keys. With a single key the database's unique index knows. */
async function isTaken(
  backend: RecordBackend,
  sealed: SealedCollection,
  { partition, id }: StoredRecord,
  identity: string,
): Promise<boolean> {
  if (!(await sealed.isReindexing())) return false;
  const holders = await backend.find(partition, 'identity', await sealed.lookup('identity', identity));
  return holders.some((holder) => holder.id !== id);
}
