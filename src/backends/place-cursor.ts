import { fromBase64url, toBase64url } from '../core/base64url.ts';
import { foreignCursor } from './name-cursor.ts';
import { type RecordRow, rowBytes } from './record-row.ts';

/** The bytes of a partition and of an id, as a database compares them. */
export type RecordPlace = readonly [partition: Uint8Array, id: Uint8Array];

/** The cursor behind a row of {@link RecordSql.scan}. */
export function placeCursor(row: RecordRow): string {
  return ['place_partition', 'place_id']
    .map((column) => toBase64url(rowBytes(row, column) ?? new Uint8Array()))
    .join('.');
}

/**
 * The place that a cursor stands behind; that before all records without one.
 *
 * @throws `E_INPUT` when it is no cursor of {@link placeCursor}.
 */
export function cursorPlace(cursor = '.'): RecordPlace {
  const [partition, id, ...rest] = cursor.split('.').map(fromBase64url);
  if (partition === undefined || id === undefined || rest.length > 0) throw foreignCursor();
  return [partition, id];
}
