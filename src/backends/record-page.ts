import type { KeptRecord, RecordPage } from '../core/record-backend.ts';

/**
 * The page that records make whose order is that of their ids.
 *
 * @param records one more than the limit where there are that many: only then is there a further page.
 */
export function recordPage(records: readonly KeptRecord[], limit: number): RecordPage {
  const page = records.slice(0, limit);
  const last = page.at(-1);
  return records.length > limit && last !== undefined ? { records: page, cursor: last.id } : { records: page };
}
