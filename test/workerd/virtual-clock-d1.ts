import type { D1Like } from '../../src/backends/d1-backend.ts';

/** How a statement asks the database for its clock, in seconds. */
const clock = "unixepoch('subsec')";

/**
 * A D1 binding whose statements see the time that the test gives, in epoch milliseconds, in place of the database's clock. The
 * clock is a function of SQL that nothing can set, so each statement is rewritten before it is prepared; all else is D1's own.
 */
export function virtualClockD1(db: D1Like, now: () => number): D1Like {
  // half a millisecond more: statements multiply by 1000 and cut off, and the product may be a little less than whole
  return {
    prepare: (sql) => db.prepare(sql.replaceAll(clock, `(${now()}.5 / 1000.0)`)),
    batch: (statements) => db.batch(statements),
  };
}
