import { written } from '../core/claim.ts';
import type { PutCondition, PutOutcome, RecordWrite, StoredRecord } from '../core/record-backend.ts';
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

/**
 * Writes each record whose condition holds when those before it are written. Here the identities are looked for: what the
 * unique index refuses would take all of the transaction back.
 */
export function writeEachRecord(writes: readonly RecordWrite[]): Act<readonly PutOutcome[], 'readwrite'> {
  return async (records, lastWrite) => {
    const outcomes: PutOutcome[] = [];
    for (const { record, condition } of writes) {
      const { partition, id, identity } = record;
      const [current, holder] = await Promise.all([
        records.get([partition, id]),
        records.index('identity').getKey([partition, identity]),
      ]);
      const isTaken = holder !== undefined && holder[1] !== id;
      const isStored = current?.revision === condition.revision && !isTaken;
      if (isStored) lastWrite(records.put(indexedDbRow(record, current && written(claimOf(current), condition))));
      outcomes.push(isStored ? 'stored' : 'conflict');
    }
    return outcomes;
  };
}
