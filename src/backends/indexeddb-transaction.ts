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
 * Runs one transaction over the records. `act` must await nothing but its requests: the transaction ends at anything else.
 * Its last write it need not await, see {@link lastWrite}.
 */
export async function indexedDbTransaction<Result, Mode extends 'readonly' | 'readwrite'>(
  database: IndexedDbDatabase,
  mode: Mode,
  act: (records: IndexedDbRecords<Mode>) => Promise<Result>,
): Promise<TransactionOutcome<Result>> {
  let ended: Promise<void> | undefined;
  let committing = false;
  try {
    // A rotated refresh token exists nowhere else: a write is acknowledged when it is on disk.
    const transaction = database.transaction('records', mode, mode === 'readwrite' ? { durability: 'strict' } : {});
    ended = transaction.done;
    ended.catch(() => undefined);
    const value = await act(transaction.store).catch((error: unknown) => {
      abort(transaction);
      throw error;
    });
    if (mode === 'readwrite') {
      // Without this the browser waits until the page has heard of the last write and asked for nothing else.
      transaction.commit();
      committing = true;
      await ended;
    }
    return { done: true, value };
  } catch (error) {
    // Requests that fall with their transaction say only AbortError; the transaction knows why.
    const names = [nameOf(error), await ended?.then(() => undefined, nameOf)];
    return {
      done: false,
      error: names.find((name) => name !== undefined && name !== 'AbortError') ?? 'AbortError',
      committing,
    };
  }
}

/** Takes a request that `act` ends with: whether it succeeded shows in how the transaction ends. */
export function lastWrite(request: Promise<unknown>): void {
  request.catch(() => undefined);
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
