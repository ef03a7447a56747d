import { namedCells, type TableColumn } from './source-columns.ts';
import type { SourceRow } from './source-row.ts';
import { utf8Text } from './utf8-text.ts';

/**
 * A row of a table under the names of its columns.
 *
 * @param values the bytes of each column; `null` where there is none.
 */
export function databaseRow(
  number: number,
  columns: readonly TableColumn[],
  values: readonly (Uint8Array | null)[],
): SourceRow {
  const texts = values.map((value) => value && utf8Text(value));
  if (texts.includes(undefined)) return { number, refused: 'is not UTF-8' };
  const order = columns.map(({ column }) => column);
  return {
    number,
    cells: namedCells(
      order,
      texts.map((text) => text ?? undefined),
    ),
  };
}
