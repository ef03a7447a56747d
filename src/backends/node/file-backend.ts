import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ClosableRecordBackend } from '../../core/record-backend.ts';
import { indexedRows } from '../indexed-rows.ts';
import type { PlainRow } from '../plain-row.ts';
import { rowRecords } from '../row-records.ts';
import { type ChangeableRows, changeRows } from '../rows.ts';

/** What {@link fileBackend} can be told. */
export interface FileBackendOptions {
  /** The clock of the claims, in epoch milliseconds; all processes share it. Default `Date.now`. */
  readonly now?: () => number;
}

/** Keeps records in a file. */
export function fileBackend(path: string, { now = Date.now }: FileBackendOptions = {}): ClosableRecordBackend {
  const load = (): ChangeableRows => {
    const rows = indexedRows();
    if (existsSync(path)) for (const row of JSON.parse(readFileSync(path, 'utf8')) as PlainRow[]) rows.set(row);
    return rows;
  };
  const records = rowRecords(
    {
      read: async (look) => look(load()),
      write: async (step) => {
        const rows = load();
        const { outcome, changes } = step(rows);
        changeRows(rows, changes);
        if (changes.length > 0) {
          writeFileSync(`${path}.new`, JSON.stringify(rows.all()), { mode: 0o600 });
          renameSync(`${path}.new`, path);
        }
        return outcome;
      },
    },
    now,
  );
  return { ...records, close: async () => undefined };
}
