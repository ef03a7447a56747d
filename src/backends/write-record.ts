import { written } from '../core/claim.ts';
import type { PutCondition, PutOutcome, StoredRecord } from '../core/record-backend.ts';
import { claimOf, indexedDbRow } from './indexeddb-row.ts';
import type { Act } from './indexeddb-transaction.ts';

/**
 * Writes a record if its condition holds. Whether another record has its identity is left to the unique index, which costs
 * no request: the transaction then ends with a `ConstraintError`.
 */
export function writeRecord(record: StoredRecord, condition: PutCondition): Act<PutOutcome, 'readwrite'> {
  return async (records, lastWrite) => {
    if (condition.revision === undefined) {
      lastWrite(records.add(indexedDbRow(record)));
      return 'stored';
    }
    const current = await records.get([record.partition, record.id]);
    if (current?.revision !== condition.revision) return 'conflict';
    lastWrite(records.put(indexedDbRow(record, written(claimOf(current), condition))));
    return 'stored';
  };
}
