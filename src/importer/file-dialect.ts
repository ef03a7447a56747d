import { parse } from 'csv-parse/sync';

/** A line of a file without its end, and its number, from 1. */
export interface FileLine {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * How the cells of a file are written. The SDKs for TypeScript and Node.js put commas between the values and escape nothing: a quote is
 * part of a value, and every end of a line ends a row. Those for Python and the others quote as RFC 4180 has it.
 */
export interface FileDialect {
  readonly quoted: boolean;
  /** The lines, joined where a row goes over several. */
  rows(lines: readonly FileLine[]): readonly FileLine[];
  /** The cells of a row, or `undefined` when its quotes are not in order. */
  cells(row: string): readonly string[] | undefined;
}

const plain: FileDialect = {
  quoted: false,
  rows: (lines) => lines,
  cells: (row) => row.split(','),
};

const quoted: FileDialect = {
  quoted: true,
  rows: joinQuoted,
  cells(row) {
    try {
      return (parse(row, { relax_column_count: true }) as string[][])[0];
    } catch {
      return undefined;
    }
  },
};

/**
 * The dialect of a file, by its first line and, where several SDKs write the same one, by whether any cell begins with a quote.
 *
 * @param bytes the whole file.
 */
export function fileDialect(header: string, bytes: Buffer): FileDialect {
  if (header.includes('"') || header.includes('redirect_uri')) return quoted;
  if (header.includes('user_mail')) return plain;
  return bytes.includes(',"') || bytes.includes('\n"') ? quoted : plain;
}

const quote = 0x22;

/** A row goes on as long as a quote is open, so as long as there is an odd number of them. */
function joinQuoted(lines: readonly FileLine[]): readonly FileLine[] {
  const rows: FileLine[] = [];
  let open: FileLine[] = [];
  let odd = false;
  for (const line of lines) {
    open.push(line);
    for (let at = line.bytes.indexOf(quote); at >= 0; at = line.bytes.indexOf(quote, at + 1)) odd = !odd;
    if (odd) continue;
    rows.push(joined(open));
    open = [];
  }
  return open.length === 0 ? rows : [...rows, joined(open)];
}

function joined(lines: readonly FileLine[]): FileLine {
  const [first, ...others] = lines as [FileLine, ...FileLine[]];
  if (others.length === 0) return first;
  return {
    number: first.number,
    bytes: Buffer.concat([first.bytes, ...others.flatMap(({ bytes }) => [newline, bytes])]),
  };
}

const newline = Buffer.from('\n');
