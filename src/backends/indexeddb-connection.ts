import type { IndexedDbDatabase } from './indexeddb-schema.ts';
import { type Act, indexedDbTransaction } from './indexeddb-transaction.ts';
import { openIndexedDb } from './open-indexeddb.ts';
import { storageError } from './storage-error.ts';

/** A database that opens itself when it is needed, and again when the connection was lost. */
export interface IndexedDbConnection {
  /**
   * Runs one transaction. `act` is run a second time when the connection turns out to be lost before anything was written.
   *
   * @param refused the result when the primary key or a unique index refuses the write. Nothing was written then.
   * @throws `E_UNSUPPORTED` without IndexedDB, `E_QUOTA` without room, `E_STORAGE` otherwise.
   */
  run<Result, Mode extends 'readonly' | 'readwrite'>(
    mode: Mode,
    act: Act<Result, Mode>,
    refused?: Result,
  ): Promise<Result>;
}

/** What browsers report when the connection, not the request, is at fault: iOS and storage pressure end connections. */
const lostConnection = new Set(['InvalidStateError', 'UnknownError', 'AbortError']);

/** The connection to the database of this name. */
export function indexedDbConnection(name: string): IndexedDbConnection {
  let opened: Promise<IndexedDbDatabase> | undefined;
  let askedToPersist = false;

  const open = (): Promise<IndexedDbDatabase> => {
    if (opened !== undefined) return opened;
    const attempt = openIndexedDb(name, () => forget(attempt));
    attempt.catch(() => forget(attempt));
    opened = attempt;
    return attempt;
  };
  const forget = (attempt: Promise<IndexedDbDatabase>): void => {
    if (opened === attempt) opened = undefined;
  };

  return {
    async run(mode, act, refused) {
      if (mode === 'readwrite' && !askedToPersist) {
        askedToPersist = true;
        // Not awaited: a browser may ask the user, who need not answer.
        askToPersist().catch(() => undefined);
      }
      for (let retried = false; ; retried = true) {
        const connection = open();
        const database = await connection;
        const outcome = await indexedDbTransaction(database, mode, act);
        if (outcome.done) return outcome.value;
        const { error, committing } = outcome;
        if (error === 'ConstraintError' && refused !== undefined) return refused;
        if (retried || committing || !lostConnection.has(error)) throw storageError(error === 'QuotaExceededError');
        forget(connection);
        database.close();
      }
    },
  };
}

async function askToPersist(): Promise<void> {
  await globalThis.navigator?.storage?.persist?.();
}
