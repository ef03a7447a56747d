import type { Claim } from '../core/claim.ts';
import type { LookupField } from '../core/record-backend.ts';
import type { RecordName } from './name-cursor.ts';
import type { PlainRow } from './plain-row.ts';

/** Rows by partition and id, as a step sees them: they do not change while it runs. */
export interface Rows {
  get(partition: string, id: string): PlainRow | undefined;
  /** The rows that have one of the values, in base64url, in this field. Each row once. */
  find(partition: string, field: LookupField | 'identity', values: readonly string[]): readonly PlainRow[];
  /** Up to `limit` rows in the order of their ids, those after an id or all. */
  page(partition: string, limit: number, after?: string): readonly PlainRow[];
  /** Up to `limit` of the rows that pass, in the order of their partitions and ids, those after a row or of all. */
  scan(limit: number, passes: (row: PlainRow) => boolean, after?: RecordName): readonly PlainRow[];
  /** The rows of one partition or of all, in no particular order. */
  all(partition?: string): readonly PlainRow[];
}

/** Rows that can be changed. */
export interface ChangeableRows extends Rows {
  /** Puts the row in the place of the one with its partition and id. */
  set(row: PlainRow): void;
  delete(partition: string, id: string): void;
  clear(partition: string): void;
}

/** What a step changes. Plain data, so that it can be written to a file as it is. */
export type RowChange =
  | { readonly kind: 'put'; readonly row: PlainRow }
  | { readonly kind: 'claim'; readonly partition: string; readonly id: string; readonly claim: Claim }
  | { readonly kind: 'delete'; readonly partition: string; readonly id: string }
  | { readonly kind: 'clear'; readonly partition: string };

/** Makes the changes, in their order. */
export function changeRows(rows: ChangeableRows, changes: readonly RowChange[]): void {
  for (const change of changes) {
    if (change.kind === 'put') rows.set(change.row);
    else if (change.kind === 'delete') rows.delete(change.partition, change.id);
    else if (change.kind === 'clear') rows.clear(change.partition);
    else {
      const row = rows.get(change.partition, change.id);
      if (row !== undefined) rows.set({ ...row, claim: change.claim });
    }
  }
}
