import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { storageError } from '../storage-error.ts';

type Meaning = () => TokenkeepError;

const locked: Meaning = () =>
  new TokenkeepError(
    'E_STORAGE',
    'the database is locked by another process or an open transaction; let that end, then repeat the change',
  );
const unopened: Meaning = () =>
  new TokenkeepError(
    'E_CONFIG',
    'the database file cannot be opened for writing; check that its folder exists, and who may write to both',
  );
const foreign: Meaning = () =>
  new TokenkeepError('E_CONFIG', 'the file is not an SQLite database; name another one, nothing was changed');
const damaged: Meaning = () =>
  new TokenkeepError('E_STORAGE', 'the database file is damaged; restore it from a backup');
const closed: Meaning = () =>
  new TokenkeepError('E_STORAGE', 'the connection to the database is closed; make a new backend');
const full: Meaning = () => storageError(true);

/** What primary and extended result codes (https://www.sqlite.org/rescode.html) and the codes of Node mean. */
const meanings: ReadonlyMap<unknown, Meaning> = new Map<unknown, Meaning>([
  [3, unopened], // SQLITE_PERM
  [5, locked], // SQLITE_BUSY
  [6, locked], // SQLITE_LOCKED
  [8, unopened], // SQLITE_READONLY
  [11, damaged], // SQLITE_CORRUPT
  [13, full], // SQLITE_FULL
  [14, unopened], // SQLITE_CANTOPEN
  [15, locked], // SQLITE_PROTOCOL: a race for the locks of WAL mode
  [18, full], // SQLITE_TOOBIG
  [26, foreign], // SQLITE_NOTADB
  [778, full], // SQLITE_IOERR_WRITE: the limit of a user or of a file
  [4874, full], // SQLITE_IOERR_SHMSIZE: no room for what readers and writers share
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['ERR_INVALID_STATE', closed],
]);

function meaningOf(error: unknown): Meaning | undefined {
  const { code = '', errcode = 0 } = error as { readonly code?: string; readonly errcode?: number };
  const meaning = meanings.get(errcode) ?? meanings.get(errcode % 256) ?? meanings.get(code);
  return meaning ?? (/^E(?!RR_)/.test(code) ? unopened : undefined);
}

/** What is thrown in place of an error of `node:sqlite` or `node:fs`, which can quote statements, values and paths. */
export function sqliteError(error: unknown): TokenkeepError {
  if (error instanceof TokenkeepError) return error;
  return meaningOf(error)?.() ?? storageError(false);
}

/** What a connection is asked in vain for while its owner has a transaction open on it. */
export class OpenTransaction extends Error {
  readonly errcode: number = 5;
}

/** Whether another connection, or a transaction, stands in the way: the only thing that ends by itself. */
export function isLocked(error: unknown): boolean {
  return !(error instanceof TokenkeepError) && meaningOf(error) === locked;
}
