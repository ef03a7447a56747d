import type { RecordBackend } from 'tokenkeep';
import { type RawRow, readRows, writeRow } from './raw-database.ts';

const partition = 'default/tokens';

/** The stored token past tokenkeep: what anybody finds who opens the database. */
export interface RawRows {
  first(): Promise<RawRow | undefined>;
  write(row: RawRow): Promise<void>;
}

/** The rows of an IndexedDB database, or of a backend in memory where there is no database. */
export function rawRows(backend: RecordBackend, database: string | undefined): RawRows {
  if (database !== undefined) {
    return {
      first: async () => (await readRows(database, partition))[0],
      write: (row) => writeRow(database, row),
    };
  }
  return {
    first: async () => {
      const { records } = await backend.page(partition, 1);
      return records[0] === undefined ? undefined : { ...records[0] };
    },
    async write({ id, sealed }) {
      const record = await backend.get(partition, id);
      if (record !== undefined) await backend.put({ ...record, sealed }, { revision: record.revision });
    },
  };
}
