import { closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { type IndexedRows, indexedRows } from '../indexed-rows.ts';
import type { RowPlace, RowStep } from '../row-place.ts';
import { changeRows, type RowChange, type Rows } from '../rows.ts';
import { fileError } from './file-error.ts';
import { FileLock } from './file-lock.ts';
import { type Journal, readJournal } from './journal.ts';
import { replaceFile } from './replace-file.ts';
import { appendToJournal, newJournal } from './write-journal.ts';

/** How many more changes than rows a file holds before it is written anew. */
const deadChanges = 200;

/**
 * The rows of a file, which other processes may change as well. They are kept in memory, too; every look reads the header of the
 * file, and then only what was added.
 */
export class RecordFile implements RowPlace {
  readonly #path: string;
  readonly #lock: FileLock;
  /** What was read last; absent while there is no file. */
  #journal: Journal | undefined;
  /** The last journal that this process knows to be on the disk. */
  #synced: Journal | undefined;
  /** How many changes the file may hold in any case, because the last attempt to write it anew has failed. */
  #limit = 0;
  /** Ends with the last step that was begun. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(path: string) {
    this.#path = realPath(path);
    this.#lock = new FileLock(`${this.#path}.lock`);
  }

  async read<T>(look: (rows: Rows) => T): Promise<T> {
    this.#check();
    try {
      return look(this.#rows());
    } catch (error) {
      throw fileError(error);
    }
  }

  async write<T>(step: (rows: Rows) => RowStep<T>): Promise<T> {
    this.#check();
    const turn = this.#turn.then(() => this.#writeAlone(step));
    this.#turn = turn.catch(() => undefined);
    return turn.catch((error: unknown) => {
      throw fileError(error);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    this.#lock.close();
  }

  #check(): void {
    if (this.#isClosed) throw new TokenkeepError('E_STORAGE', 'the backend is closed; make another one');
  }

  async #writeAlone<T>(step: (rows: Rows) => RowStep<T>): Promise<T> {
    // before a lock is put beside a file that is not the store's
    if (this.#journal === undefined) this.#rows();
    await this.#lock.acquire();
    try {
      const rows = this.#rows();
      const { outcome, changes } = step(rows);
      if (changes.length > 0) await this.#commit(rows, changes);
      return outcome;
    } finally {
      this.#lock.release();
    }
  }

  async #commit(rows: IndexedRows, changes: readonly RowChange[]): Promise<void> {
    if (this.#journal === undefined) {
      changeRows(rows, changes);
      await this.#writeAnew(rows, 0);
      return;
    }
    await appendToJournal(this.#path, this.#journal, changes, this.#synced);
    try {
      await this.#tidyUp(changes);
    } catch {
      // the changes are on the disk: nobody is to repeat them because the file will be tidied up later
    }
  }

  /** Reads what was written, and writes the file anew when there is more to leave out than to keep, or a partition was cleared. */
  async #tidyUp(changes: readonly RowChange[]): Promise<void> {
    const { size } = this.#rows();
    const journal = this.#journal as Journal;
    this.#synced = journal;
    const limit = Math.max(2 * size + deadChanges, this.#limit);
    if (journal.changes <= limit && !changes.some(({ kind }) => kind === 'clear')) return;
    const { uid } = statSync(this.#path);
    // a new file would be this user's own, and closed to the one whose file it was
    if ((process.geteuid?.() ?? uid) !== uid) return;
    this.#limit = 2 * journal.changes;
    await this.#writeAnew(journal.rows, journal.slot.sequence);
  }

  async #writeAnew(rows: IndexedRows, sequence: number): Promise<void> {
    const { bytes, journal } = newJournal(rows, sequence);
    await replaceFile(this.#path, bytes);
    this.#journal = journal;
    this.#synced = journal;
    this.#limit = 0;
  }

  /** The rows as they are now. */
  #rows(): IndexedRows {
    const fd = openIfThere(this.#path);
    if (fd === undefined) {
      this.#journal = undefined;
      return indexedRows();
    }
    try {
      this.#journal = readJournal(fd, this.#journal);
      return this.#journal.rows;
    } finally {
      closeSync(fd);
    }
  }
}

/** @throws what the file system throws when not even the folder is there: a wrong path is no empty store. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ENOENT') throw error;
    statSync(dirname(path));
    return undefined;
  }
}

/** The path behind symbolic links: all who share a file have to share its lock. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
