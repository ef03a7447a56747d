import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { type SqliteLike, sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { expectCode } from '../support/expect-code.ts';

const database = new DatabaseSync(':memory:');

describe('what SQLite, or the disk, may say', () => {
  /** A connection on which the next statement fails with this error, and then none. */
  function failingOnce(error: object): SqliteLike {
    let failed = false;
    return {
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        const statement = database.prepare(sql);
        return {
          setReadBigInts: (enabled) => statement.setReadBigInts(enabled),
          all(values) {
            if (failed || !sql.startsWith('SELECT partition')) return statement.all(values);
            failed = true;
            throw Object.assign(new Error('what must not be passed on'), error);
          },
        };
      },
    };
  }

  test.each([
    ['SQLITE_PERM', { errcode: 3 }, 'E_CONFIG', 'who may write'],
    ['SQLITE_READONLY_DBMOVED', { errcode: 1032 }, 'E_CONFIG', 'who may write'],
    ['SQLITE_IOERR', { errcode: 10 }, 'E_STORAGE', 'read again'],
    ['SQLITE_IOERR_SHMSIZE', { errcode: 4874 }, 'E_QUOTA', 'make room'],
    ['SQLITE_TOOBIG', { errcode: 18 }, 'E_QUOTA', 'make room'],
    ['SQLITE_CORRUPT_INDEX', { errcode: 779 }, 'E_STORAGE', 'backup'],
    ['ENOSPC', { code: 'ENOSPC' }, 'E_QUOTA', 'make room'],
    ['EDQUOT', { code: 'EDQUOT' }, 'E_QUOTA', 'make room'],
    ['a mistake of the program', { code: 'ERR_INVALID_ARG_TYPE' }, 'E_STORAGE', 'read again'],
  ] as const)('becomes an error that says what to do: %s', async (_, said, code, advice) => {
    const error = await expectCode(code, sqliteBackend(failingOnce(said)).get('a', 'b'));
    expect(error.message).toContain(advice);
    expect(error.message).not.toContain('passed on');
  });

  test.each([
    ['SQLITE_BUSY_SNAPSHOT', 517],
    ['SQLITE_LOCKED', 6],
    ['SQLITE_PROTOCOL', 15],
  ])('is a lock, and waited for: %s', async (_, errcode) => {
    expect(await sqliteBackend(failingOnce({ errcode })).get('a', 'b')).toBeUndefined();
  });
});
