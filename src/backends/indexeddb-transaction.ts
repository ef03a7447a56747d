import type { IndexedDbDatabase, IndexedDbRecords } from './indexeddb-schema.ts';

/** How a transaction ended. */
export type TransactionOutcome<Result> =
  | { readonly done: true; readonly value: Result }
  | {
      readonly done: false;
      /** The name of the `DOMException`. Its message may quote what was to be stored. */
      readonly error: string;
      /** Whether it failed while it was committing. Only then may the writes have taken place. */
      readonly committing: boolean;
    };

/**
 * What a transaction does. It must await nothing but its requests: the transaction ends at anything else.
 *
 * @param lastWrite takes the request it ends with, which it need not await: whether that succeeds shows in how the
 * transaction ends.
 */
export type Act<Result, Mode extends 'readonly' | 'readwrite'> = (
  records: IndexedDbRecords<Mode>,
  lastWrite: (request: Promise<unknown>) => void,
) => Promise<Result>;

/** Runs one transaction over the records. */
export async function indexedDbTransaction<Result, Mode extends 'readonly' | 'readwrite'>(
  database: IndexedDbDatabase,
  mode: Mode,
  act: Act<Result, Mode>,
): Promise<TransactionOutcome<Result>> {
  let ended: Promise<void> | undefined;
  let last: Promise<unknown> | undefined;
  let committing = false;
  try {
    // A rotated refresh token exists nowhere else: a write is acknowledged when it is on disk.
    const transaction = database.transaction('records', mode, mode === 'readwrite' ? { durability: 'strict' } : {});
    ended = transaction.done;
    ended.catch(() => undefined);
    const lastWrite = (request: Promise<unknown>): void => {
      request.catch(() => undefined);
      last = request;
    };
    const value = await act(transaction.store, lastWrite).catch((error: unknown) => {
      abort(transaction);
      throw error;
    });
    if (mode === 'readwrite') {
      // Without this the browser waits until the page has heard of the last write and asked for nothing else.
      transaction.commit();
      committing = true;
      await Promise.all([last, ended]);
    }
    return { done: true, value };
  } catch (error) {
    // Of a request and its transaction, the one that has failed first knows why; the other says only AbortError.
    const names = [nameOf(error), await ended?.then(() => undefined, nameOf)];
    return {
      done: false,
      error: names.find((name) => name !== undefined && name !== 'AbortError') ?? 'AbortError',
      committing,
    };
  }
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

function nameOf(error: unknown): string | undefined {
  return error instanceof DOMException ? error.name : undefined;
}
