import { unclaimed, written } from '../core/claim.ts';
import type { PutCondition, PutOutcome } from '../core/record-backend.ts';
import { keptClaim } from './kept-claim.ts';
import type { PlainRow } from './plain-row.ts';
import type { RowStep } from './row-place.ts';
import type { RowChange, Rows } from './rows.ts';

/** A row, and when it may be written. */
export interface RowWrite {
  readonly row: PlainRow;
  readonly condition: PutCondition;
}

/** The step that writes each row whose condition holds when those before it are written. No two are of one name. */
export function putRows(rows: Rows, writes: readonly RowWrite[]): RowStep<readonly PutOutcome[]> {
  const changes: RowChange[] = [];
  // what the rows, which do not change during a step, do not show yet
  const identities = new Set<string>();

  const outcomes = writes.map(({ row, condition }): PutOutcome => {
    const { partition, id, identity } = row;
    const current = rows.get(partition, id);
    const wanted = JSON.stringify([partition, identity]);
    const isTaken =
      identities.has(wanted) || rows.find(partition, 'identity', [identity]).some((holder) => holder.id !== id);
    if (current?.revision !== condition.revision || isTaken) return 'conflict';
    const claim = current?.claim === undefined ? unclaimed : written(keptClaim(current.claim), condition);
    changes.push({ kind: 'put', row: claim === unclaimed ? row : { ...row, claim } });
    identities.add(wanted);
    return 'stored';
  });
  return { outcome: outcomes, changes };
}
