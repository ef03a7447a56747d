import type { SqliteLike } from './sqlite-like.ts';

/**
 * Does work that writes, in one transaction. It is a savepoint, because before Node 22.16 nobody can tell whether the owner of
 * the connection has a transaction open, within which none can begin.
 *
 * @throws what the work and the commit throw. Nothing is written then.
 */
export function sqliteTransaction<Result>(db: SqliteLike, work: () => Result): Result {
  db.exec('SAVEPOINT tokenkeep');
  try {
    const result = work();
    db.exec('RELEASE tokenkeep');
    return result;
  } catch (error) {
    try {
      db.exec('ROLLBACK TO tokenkeep; RELEASE tokenkeep');
    } catch {
      // SQLite has taken it back by itself, as it does when the disk is full
    }
    throw error;
  }
}
