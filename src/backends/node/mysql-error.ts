import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { storageError } from '../storage-error.ts';

type Meaning = () => TokenkeepError;

const setting =
  (message: string): Meaning =>
  () =>
    new TokenkeepError('E_CONFIG', message);
const passing =
  (message: string): Meaning =>
  () =>
    new TokenkeepError('E_STORAGE', message);

const refused = setting('the server refuses the user; check user and password, and from where that user may connect');
const unentitled = setting(
  'the user lacks a right; grant SELECT, INSERT, UPDATE and DELETE on the table, and CREATE until it is made',
);
const absent = setting('there is no such database; create it, or name another one');
const unknownHost = setting('the host is not known by that name; check it');
const unsupported = setting(
  'the server asks for what these settings cannot give, such as encryption; ask for tls, or hand over a pool that can',
);
const withoutTls = setting('the server offers no TLS; let it, or reach it in another way that nobody else can read');
const untrusted = setting(
  'the server shows no certificate of its name that is trusted here; NODE_EXTRA_CA_CERTS names authorities of your own',
);
const foreign = setting('the table is not one that tokenkeep made, and is left as it is; name another one');
const unreachable = passing('the server cannot be reached; check host and port, and that it runs, then try again');
const crowded = passing('the server allows no further connections or statements now; try again later, or allow more');
const readOnly = passing('the database cannot be written; connect to the server that can, or try again');
const locked = passing('somebody else has locked the table; let that end, then repeat the change');
const late = passing('the database did not answer in time; read again, then repeat the change');
const ended = passing('the pool or the connection was ended; hand over one that is open');
const full: Meaning = () => storageError(true);

/** The numbers of https://mariadb.com/kb/en/mariadb-error-code-reference/, most of which MySQL shares, and names of Node and mysql2. */
const meanings: ReadonlyMap<unknown, Meaning> = new Map<unknown, Meaning>([
  [1020, locked], // ER_CHECKREAD
  [1021, full], // ER_DISK_FULL
  [1026, full], // ER_ERROR_ON_WRITE
  [1040, crowded], // ER_CON_COUNT_ERROR
  [1044, unentitled], // ER_DBACCESS_DENIED_ERROR
  [1045, refused], // ER_ACCESS_DENIED_ERROR
  [1046, absent], // ER_NO_DB_ERROR
  [1049, absent], // ER_BAD_DB_ERROR
  [1054, foreign], // ER_BAD_FIELD_ERROR
  [1114, full], // ER_RECORD_FILE_FULL
  [1129, refused], // ER_HOST_IS_BLOCKED
  [1130, refused], // ER_HOST_NOT_PRIVILEGED
  [1142, unentitled], // ER_TABLEACCESS_DENIED_ERROR
  [1143, unentitled], // ER_COLUMNACCESS_DENIED_ERROR
  [1153, full], // ER_NET_PACKET_TOO_LARGE
  [1176, foreign], // ER_KEY_DOES_NOT_EXITS
  [1203, crowded], // ER_TOO_MANY_USER_CONNECTIONS
  [1205, locked], // ER_LOCK_WAIT_TIMEOUT
  [1213, locked], // ER_LOCK_DEADLOCK
  [1226, crowded], // ER_USER_LIMIT_REACHED
  [1251, unsupported], // ER_NOT_SUPPORTED_AUTH_MODE
  [1290, readOnly], // ER_OPTION_PREVENTS_STATEMENT
  [1364, foreign], // ER_NO_DEFAULT_FOR_FIELD
  [1406, full], // ER_DATA_TOO_LONG
  [1698, refused], // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  [1792, readOnly], // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  [1836, readOnly], // ER_READ_ONLY_MODE
  [3159, unsupported], // ER_SECURE_TRANSPORT_REQUIRED
  ['AUTH_SWITCH_PLUGIN_ERROR', unsupported],
  ['HANDSHAKE_NO_SSL_SUPPORT', withoutTls],
  ['HANDSHAKE_SSL_ERROR', untrusted],
  ['ECONNREFUSED', unreachable],
  ['EAI_AGAIN', unreachable],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['ETIMEDOUT', unreachable],
  ['ENOTFOUND', unknownHost],
  ['PROTOCOL_SEQUENCE_TIMEOUT', late],
]);

/** What is read of an error of mysql2 or of Node. */
interface DriverError {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/** What is thrown in place of an error of mysql2, which holds the statement, and can quote values, the user and the host. */
export function mysqlError(error: unknown): TokenkeepError {
  if (error instanceof TokenkeepError) return error;
  const { errno, code, message } = Object(error) as DriverError;
  const meaning = meanings.get(errno) ?? meanings.get(code);
  if (meaning !== undefined) return meaning();
  // what the engine says of the disk and of its owner's share of it, by the numbers of the system
  if (errno === 1030) return storageError(/error (28|122)\b/.test(String(message)));
  return code === undefined && /closed/.test(String(message)) ? ended() : storageError(false);
}

const isOneOf =
  (...known: readonly unknown[]) =>
  (error: unknown): boolean => {
    const { errno, code } = Object(error) as DriverError;
    return known.includes(errno) || known.includes(code);
  };

/** Whether there is no table of that name. */
export const isMissingTable: (error: unknown) => boolean = isOneOf(1146);

/** Whether another record has the id or the identity. */
export const isDuplicate: (error: unknown) => boolean = isOneOf(1062);

/** Whether the server takes no writes. */
export const isReadOnly: (error: unknown) => boolean = isOneOf(1290, 1792, 1836);

/** Whether the server gave the statement up in favour of another one, did nothing, and may well do it now. */
export const isUndone: (error: unknown) => boolean = isOneOf(1020, 1213);

/** Whether the connection is of no more use: it waits for an answer, or the server refused to read on. */
export const isStuck: (error: unknown) => boolean = isOneOf('PROTOCOL_SEQUENCE_TIMEOUT', 1153);

/** Whether the connection was lost, with or without a last word of the server: what was under way may have been done or not. */
export const isLost: (error: unknown) => boolean = isOneOf(
  1053, // ER_SERVER_SHUTDOWN
  1927, // ER_CONNECTION_KILLED of MariaDB
  4031, // ER_CLIENT_INTERACTION_TIMEOUT of MySQL
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
);
