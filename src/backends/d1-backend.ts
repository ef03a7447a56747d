import type { RecordBackend } from '../core/record-backend.ts';
import { type D1Like, d1Database } from './d1-database.ts';
import { sqlRecords } from './sql-records.ts';

export type { D1Like, D1StatementLike } from './d1-database.ts';

/**
 * Keeps records in a D1 database that has the tables of `migrations/`. Every operation is one statement, that of many writes one batch, and claims go by
 * the database's clock.
 *
 * @param db the binding itself, such as `env.DB`. A session of it (`withSession`) may read from a replica, and a claim must
 * not rest on what a replica says.
 * @throws `E_CONFIG` when there is no such binding.
 */
export function d1Backend(db: D1Like): RecordBackend {
  return sqlRecords(d1Database(db));
}
