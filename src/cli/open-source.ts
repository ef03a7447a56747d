import { readFileStore } from '../importer/read-file-store.ts';
import type { SourceRow } from '../importer/source-row.ts';
import type { PlaceHere } from './place.ts';
import { withMysql } from './with-mysql.ts';

/** The rows of a store of Zoho's, which is opened for reading only. */
export async function* openSource(place: PlaceHere, password: string): AsyncGenerator<SourceRow, void, undefined> {
  if (place.kind === 'file') {
    yield* readFileStore(place.path);
  } else if (place.kind === 'sqlite') {
    const { readSqliteStore } = await import('../importer/read-sqlite-store.ts');
    yield* readSqliteStore(place.path);
  } else {
    const { readMysqlStore } = await withMysql(() => import('../importer/read-mysql-store.ts'));
    const { server, table } = place;
    yield* readMysqlStore({ server: { ...server, password }, table });
  }
}
