import type { StoredRecord } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** What names a record among those of all partitions. */
export type RecordName = Pick<StoredRecord, 'partition' | 'id'>;

/** The cursor behind a record: a text that any partition and any id come out of as they went in. */
export function nameCursor({ partition, id }: RecordName): string {
  return JSON.stringify([partition, id]);
}

/**
 * The record that a cursor stands behind.
 *
 * @throws `E_INPUT` when it is no cursor of {@link nameCursor}.
 */
export function cursorName(cursor: string): RecordName {
  const [partition, id] = parsed(cursor);
  if (typeof partition === 'string' && typeof id === 'string') return { partition, id };
  throw foreignCursor();
}

/** What a cursor is answered with that no page of this backend gave. */
export function foreignCursor(): TokenkeepError {
  return new TokenkeepError('E_INPUT', 'the cursor is of no page of this backend; begin again without one');
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(cursor);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
