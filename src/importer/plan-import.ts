import type { RowReport } from './import-report.ts';
import { mergeRows } from './merge-rows.ts';
import type { PlannedToken } from './planned-token.ts';
import type { SourceRow } from './source-row.ts';
import { type TokenOptions, toToken } from './to-token.ts';

/** What a source has to offer. */
export interface ImportPlan {
  /** How many rows it has. */
  readonly rows: number;
  /** In the order of their rows. */
  readonly tokens: readonly PlannedToken[];
  /** The rows that are merged or skipped. */
  readonly settled: readonly RowReport[];
}

/**
 * Reads a whole source and decides what is to be imported of it. An id that several rows have is kept for none of them: it would
 * lead to the wrong user's token.
 *
 * @throws what reading throws; a row that cannot be used is no failure.
 */
export async function planImport(source: AsyncIterable<SourceRow>, options: TokenOptions = {}): Promise<ImportPlan> {
  const now = options.now ?? Date.now();
  const found: PlannedToken[] = [];
  const skipped: RowReport[] = [];
  const rowsOfId = new Map<string, number>();
  let rows = 0;
  for await (const row of source) {
    rows++;
    const id = 'cells' in row ? row.cells.id : undefined;
    if (id !== undefined) rowsOfId.set(id, (rowsOfId.get(id) ?? 0) + 1);
    const read = 'refused' in row ? row : toToken(row.cells, { ...options, now });
    if ('refused' in read) skipped.push({ row: row.number, outcome: 'skipped', reason: read.refused });
    else found.push({ ...read, row: row.number, others: [] });
  }
  const { tokens, merged } = mergeRows(found);
  return {
    rows,
    tokens: tokens.map((planned) => ((rowsOfId.get(planned.token.id ?? '') ?? 0) > 1 ? withoutId(planned) : planned)),
    settled: [...skipped, ...merged],
  };
}

function withoutId({ token: { id: _, ...token }, notes, ...planned }: PlannedToken): PlannedToken {
  return { ...planned, token, notes: [...notes, 'under a new id, since another row has the same one'] };
}
