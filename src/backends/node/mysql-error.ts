import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { storageError } from '../storage-error.ts';

/** What mysql2 and Node say of a failure: the number that the server gave it, or a name of their own. */
interface DriverError {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The server's numbers, by what is to be done about them. */
const numbers: readonly (readonly [errors: readonly number[], explain: () => TokenkeepError])[] = [
  [
    [1045, 1698, 1130, 1129],
    () => setting('the server refused the user; check user and password, and from where that user may connect'),
  ],
  [
    [1044, 1142, 1143, 1227, 1370],
    () =>
      setting('the user lacks a right; grant it SELECT, INSERT, UPDATE and DELETE on the table, and CREATE to make it'),
  ],
  [[1049, 1046], () => setting('there is no such database; create it, or name another one')],
  [
    [1054, 1136, 1347, 1364],
    () => setting('the table was not made by tokenkeep, and is left as it is; name another one as table'),
  ],
  [[1290, 1792, 1836], () => storage('the database is read-only; connect to where it can be written, or try again')],
  [[1205, 1969, 3024, 3572], () => storage('the table is locked by somebody else; read again, then repeat the change')],
  [[1040, 1203], () => storage('the server has too many connections; end some, or try again in a moment')],
  [[1021, 1026, 1114, 1118, 1153, 1226, 1406], () => storageError(true)],
];

/** Node's names for a server that is not there. */
const unreachable = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOENT']);

const setting = (message: string): TokenkeepError => new TokenkeepError('E_CONFIG', message);
const storage = (message: string): TokenkeepError => new TokenkeepError('E_STORAGE', message);

/**
 * What to throw in place of an error of mysql2, which is dropped: it holds the statement, and can quote values, the user and
 * the host.
 */
export function mysqlError(error: unknown): TokenkeepError {
  const { errno, code, message } = Object(error) as DriverError;
  if (error instanceof TokenkeepError) return error;
  const explain = numbers.find(([errors]) => errors.includes(errno as number))?.[1];
  if (explain !== undefined) return explain();
  // "Got error 28 from storage engine": no space left on the device.
  if (errno === 1030 && /error (28|122)\b/.test(String(message))) return storageError(true);
  if (code === 'ENOTFOUND') return setting('the name of the host is not known; check host');
  if (unreachable.has(code as string)) {
    return storage('the server could not be reached; check host and port, and whether it runs, then try again');
  }
  return storageError(false);
}

/** Whether the server says that it did nothing, and that the same may succeed at once: a deadlock and its kin. */
export function isUndone(error: unknown): boolean {
  return [1020, 1213, 1615].includes((error as DriverError).errno as number);
}

/** Whether another record has the id or the identity. */
export function isDuplicate(error: unknown): boolean {
  return (error as DriverError).errno === 1062;
}

/** Whether there is no such table. */
export function isMissingTable(error: unknown): boolean {
  return (error as DriverError).errno === 1146;
}
