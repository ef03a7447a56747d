import type { KeptRecord, RecordPage } from '../core/record-backend.ts';

/**
 * The page that records make which are in the order of their cursors.
 *
 * @param records one more than the limit where there are that many: only then is there a further page.
 * @param cursorOf the cursor behind a record. Default its id.
 */
export function recordPage<Kept extends KeptRecord>(
  records: readonly Kept[],
  limit: number,
  cursorOf: (record: Kept) => string = ({ id }) => id,
): RecordPage {
  const page = records.slice(0, limit);
  const last = page.at(-1);
  return records.length > limit && last !== undefined ? { records: page, cursor: cursorOf(last) } : { records: page };
}
