import { fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type IndexedRows, indexedRows } from '../indexed-rows.ts';
import { isPlainRow } from '../plain-row.ts';
import { changeRows, type RowChange } from '../rows.ts';
import { damagedFile } from './file-error.ts';
import { headerLength, type JournalSlot, readHeader } from './journal-header.ts';

/** A journal as far as it was read. */
export interface Journal {
  readonly header: Buffer;
  readonly seed: number;
  /** The commit up to which it was read. */
  readonly slot: JournalSlot;
  readonly rows: IndexedRows;
  /** How many changes the file holds, those included that later ones have undone. */
  readonly changes: number;
}

/**
 * Reads what the file holds, or only what was added to it since `before`, whose rows are taken over.
 *
 * The newest commit counts whose bytes are all there. A writer that was cut off has left its commit point, or the bytes before
 * it, in part; nobody was told that it had succeeded, and the older commit point leads to what was there before.
 *
 * @throws `E_FORMAT` when no commit is whole, `E_CONFIG` and `E_VERSION` when the file is not of this format.
 */
export function readJournal(fd: number, before?: Journal): Journal {
  const header = readBytes(fd, 0, headerLength);
  if (before?.header.equals(header)) return before;
  const { seed, slots } = readHeader(header);
  const nothing = { slot: { sequence: 0, length: headerLength, checksum: seed }, rows: indexedRows(), changes: 0 };
  for (const slot of slots) {
    for (const known of before === undefined ? [nothing] : [before, nothing]) {
      const added = readChanges(fd, known.slot, slot);
      if (added === undefined) continue;
      changeRows(known.rows, added);
      return { header, seed, slot, rows: known.rows, changes: known.changes + added.length };
    }
  }
  throw damagedFile();
}

/** The changes between two commits; `undefined` when the bytes between them are not what was committed. */
function readChanges(fd: number, from: JournalSlot, to: JournalSlot): readonly RowChange[] | undefined {
  if (to.length < from.length || to.length > fstatSync(fd).size) return undefined;
  const bytes = readBytes(fd, from.length, to.length - from.length);
  if (crc32(bytes, from.checksum) !== to.checksum) return undefined;
  const changes: RowChange[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf('\n', at);
      const change = JSON.parse(bytes.toString('utf8', at, end)) as RowChange;
      if (change.kind !== 'put' || isPlainRow(change.row)) changes.push(change);
      at = end + 1;
    }
    return changes;
  } catch {
    return undefined;
  }
}

/** As many bytes as there are. */
function readBytes(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
