import type { Keyring } from '../core/keyring.ts';
import type { KeptRecord, RecordBackend, RecordWrite } from '../core/record-backend.ts';
import { type ErrorCode, TokenkeepError } from '../core/tokenkeep-error.ts';
import { ownerOf } from './partition.ts';
import { SealedCollection } from './sealed-collection.ts';

/**
 * What came of a record: sealed anew, overtaken by somebody who wrote to it meanwhile, or the code of the error for which it was
 * left as it was.
 */
export type ResealOutcome = 'resealed' | 'overtaken' | ErrorCode;

/** The collection that a partition is of. @throws `E_FORMAT` when it is none of tokenkeep's. */
export function collectionOf(partition: string, keyring: Keyring): SealedCollection {
  const { tenant, collection } = ownerOf(partition);
  return new SealedCollection(tenant, collection, keyring);
}

/**
 * The code of an error that is about one record.
 *
 * @throws the error, when it is about more than that.
 */
export function codeOfRecord(error: unknown): ErrorCode {
  if (!(error instanceof TokenkeepError) || error.code === 'E_LOCKED' || error.code === 'E_STORAGE') throw error;
  return error.code;
}

/**
 * Seals records with the keys that new ones get: all of them at the same time, and with one write. Each is written only if nobody
 * has written to it since it was read.
 *
 * @param repair see {@link SealedCollection.reseal}.
 * @returns what came of each of them, in their order.
 * @throws `E_LOCKED` when the keyring is locked, and `E_STORAGE` or `E_QUOTA` when the database fails. Any of the records may be
 * written then.
 */
export async function resealRecords(
  backend: RecordBackend,
  keyring: Keyring,
  records: readonly KeptRecord[],
  repair = false,
): Promise<readonly ResealOutcome[]> {
  const prepared = await Promise.all(
    records.map(async (record): Promise<RecordWrite | ErrorCode> => {
      try {
        const resealed = await collectionOf(record.partition, keyring).reseal(record, repair);
        return { record: resealed, condition: { revision: record.revision } };
      } catch (error) {
        return codeOfRecord(error);
      }
    }),
  );
  const writes = prepared.filter((one) => typeof one !== 'string');
  const put = writes.length === 0 ? [] : await backend.putEach(writes);
  const outcomes = put[Symbol.iterator]();
  return prepared.map((one) => {
    if (typeof one === 'string') return one;
    return outcomes.next().value === 'stored' ? 'resealed' : 'overtaken';
  });
}
