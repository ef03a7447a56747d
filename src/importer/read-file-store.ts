import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { type FileLine, fileDialect } from './file-dialect.ts';
import { readWholeFile } from './read-whole-file.ts';
import { fileColumns, namedCells } from './source-columns.ts';
import type { SourceRow } from './source-row.ts';
import { tornRows } from './torn-rows.ts';
import { utf8Text } from './utf8-text.ts';

/**
 * The rows of a file that a `FileStore` of Zoho's SDKs keeps, numbered by their lines. The file is read at once and never
 * written.
 *
 * @throws `E_CONFIG` when it is no such file, or cannot be read; `E_CONFLICT` when somebody keeps writing it.
 */
export async function* readFileStore(path: string): AsyncGenerator<SourceRow, void, undefined> {
  const bytes = await readWholeFile(path);
  if (bytes.length === 0) {
    throw new TokenkeepError('E_CONFIG', 'the source is empty; name the file that the application keeps its tokens in');
  }
  if (bytes.subarray(0, 15).equals(Buffer.from('SQLite format 3'))) {
    throw new TokenkeepError('E_CONFIG', 'the source is an SQLite database; write sqlite: before its path');
  }
  const [first, ...lines] = linesOf(bytes);
  const header = first === undefined ? '' : (utf8Text(first.bytes)?.replace(/^\uFEFF|\r+$/g, '') ?? '');
  const dialect = fileDialect(header, bytes);
  const columns = fileColumns(dialect.cells(header) ?? []);
  if (columns === undefined) {
    throw new TokenkeepError(
      'E_CONFIG',
      "the source is no FileStore of Zoho's: its first line does not name the columns id, user_name (or user_mail), client_id and so on; name the right file",
    );
  }

  const rows = dialect.rows(lines).flatMap((line) => {
    const text = utf8Text(line.bytes);
    // a carriage return at the end is the system's way to end a line
    const row = (text ?? line.bytes.toString('latin1')).replace(/\r+$/, '');
    return row.trim() === '' ? [] : [{ number: line.number, text, cells: dialect.cells(row) }];
  });
  const torn = dialect.quoted
    ? new Set<number>()
    : tornRows(
        rows.map(({ cells = [] }) => cells.length),
        columns.length,
      );
  for (const [i, { number, text, cells }] of rows.entries()) {
    if (text === undefined) yield { number, refused: 'is not UTF-8' };
    else if (cells === undefined)
      yield { number, refused: 'has a quote in the wrong place, or one that is not closed' };
    else if (torn.has(i)) yield { number, refused: tornText(cells.length === columns.length) };
    else if (cells.length > columns.length)
      yield { number, refused: 'has more cells than columns: a value holds a comma' };
    else if (cells.length < columns.length) yield { number, refused: 'has fewer cells than columns' };
    else yield { number, cells: namedCells(columns, cells) };
  }
}

function tornText(whole: boolean): string {
  return whole
    ? 'stands among the pieces of a torn row, and may have been smuggled in by a user name with an end of line in it'
    : 'has fewer cells than columns: it was torn, by a write that was cut off or by a value with an end of line in it';
}

/** The lines as they are, without the line feed. */
function linesOf(bytes: Buffer): readonly FileLine[] {
  const lines: FileLine[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    lines.push({ number: lines.length + 1, bytes: bytes.subarray(start, end) });
    start = end + 1;
  }
  return lines;
}
