import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';

/** How long a process waits for the others, in milliseconds. */
const patienceMs = 10_000;

/**
 * A lock between processes that ends with its holder, however that one ends: the operating system's own, as SQLite takes it
 * on a database. Node has no call for it, and lock files that have to be judged by their age are either stale or too early.
 * The database stays empty.
 */
export class FileLock {
  readonly #path: string;
  #database: DatabaseSync | undefined;
  #inode: bigint | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Waits for the lock. To be called once at a time.
   *
   * @throws `E_STORAGE` when others keep it, `E_CONFIG` when its file is none; what the file system throws.
   */
  async acquire(): Promise<void> {
    const end = performance.now() + patienceMs;
    for (let attempt = 1; !this.#tryAcquire(); attempt++) {
      if (performance.now() > end) {
        throw new TokenkeepError('E_STORAGE', 'other processes keep the file locked; try again in a moment');
      }
      await pause(attempt);
    }
  }

  release(): void {
    this.#database?.exec('ROLLBACK');
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #tryAcquire(): boolean {
    this.#database ??= this.#open();
    try {
      // no journal beside it
      this.#database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      if (codeOf(error) === sqliteBusy) return false;
      throw lockFailure(error);
    }
    if (this.#isThere()) return true;
    this.close();
    return false;
  }

  /** Whether the file was not deleted since: a lock on it would exclude nobody who came after that. */
  #isThere(): boolean {
    try {
      return statSync(this.#path, { bigint: true }).ino === this.#inode;
    } catch {
      return false;
    }
  }

  #open(): DatabaseSync {
    try {
      // opened to create it, and never again: to close a file ends all locks that the process has on it (fcntl, POSIX)
      closeSync(openSync(this.#path, 'wx', 0o600));
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw error;
    }
    // SQLite would open it for reading, and lock nothing
    accessSync(this.#path, constants.R_OK | constants.W_OK);
    this.#inode = statSync(this.#path, { bigint: true }).ino;
    try {
      return new DatabaseSync(this.#path, { timeout: 0 });
    } catch (error) {
      throw lockFailure(error);
    }
  }
}

/** Result codes of SQLite (https://sqlite.org/rescode.html). */
const sqliteBusy = 5;
const sqliteNotADatabase = 26;

/** The primary one is the low byte. */
function codeOf(error: unknown): number {
  return Number((error as { readonly errcode?: unknown }).errcode) & 255;
}

function lockFailure(error: unknown): TokenkeepError {
  return codeOf(error) === sqliteNotADatabase
    ? new TokenkeepError('E_CONFIG', 'another file has the name of the lock; choose another path for the store')
    : new TokenkeepError('E_STORAGE', 'the lock of the file does not open; try again, or give the right to write it');
}

/** A moment longer with each attempt, and never the same for two who wait. */
function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 10)));
}
