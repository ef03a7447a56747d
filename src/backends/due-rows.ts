import { type Claim, claimState } from '../core/claim.ts';

/** What {@link dueRows} has to know of a record. */
export interface DueRow {
  readonly dueAt: number;
  readonly claim: Claim;
}

/** The first `limit` of these records to be renewed, as {@link RecordBackend.due} orders them. `now` is the clock of the claims. */
export function dueRows<Row extends DueRow>(rows: readonly Row[], at: number, limit: number, now: number): Row[] {
  const isDue = ({ dueAt, claim }: Row): boolean => {
    const { heldMs, coolingMs } = claimState(claim, now);
    return dueAt > 0 && dueAt <= at && heldMs === 0 && coolingMs === 0;
  };
  const since = ({ dueAt, claim }: Row): number => Math.max(dueAt, claim.retryAt);
  return rows
    .filter(isDue)
    .sort((left, right) => since(left) - since(right))
    .slice(0, limit);
}
