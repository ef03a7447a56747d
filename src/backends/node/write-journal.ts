import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { IndexedRows } from '../indexed-rows.ts';
import type { RowChange } from '../rows.ts';
import { damagedFile } from './file-error.ts';
import type { Journal } from './journal.ts';
import {
  blankLine,
  headerLength,
  type JournalSlot,
  newTitle,
  seedOf,
  slotLine,
  slotPosition,
} from './journal-header.ts';
import { syncFile, syncFolder } from './sync-file.ts';
import { writeBytes } from './write-bytes.ts';

/**
 * Adds changes to a journal that nobody else writes, and commits them: all, or none when it rejects.
 *
 * @param synced the last journal that this process knows to be on the disk. Of another one a writer that was cut off may have left
 * a part in memory, and after a loss of power these changes would stand behind a gap, or in a file that has no name.
 */
export async function appendToJournal(
  path: string,
  journal: Journal,
  changes: readonly RowChange[],
  synced: Journal | undefined,
): Promise<void> {
  const { slot, seed } = journal;
  const lines = linesOf(changes);
  const next = slotAfter(slot, lines);
  const fd = openSync(path, 'r+');
  try {
    if (fstatSync(fd).size < slot.length) throw damagedFile();
    if (synced?.seed !== seed) await syncFolder(dirname(path));
    if (synced !== journal) await syncFile(fd);
    try {
      writeBytes(fd, lines, slot.length);
      writeBytes(fd, Buffer.from(slotLine(next, seed), 'latin1'), slotPosition(next));
      await syncFile(fd);
    } catch (error) {
      undo(fd, slot, next);
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * A journal that holds these rows and nothing else.
 *
 * @param sequence that of the last commit of the one whose place it takes.
 */
export function newJournal(
  rows: IndexedRows,
  sequence: number,
): { readonly journal: Journal; readonly bytes: Uint8Array } {
  const title = newTitle();
  const seed = seedOf(title);
  const lines = linesOf(rows.all().map((row) => ({ kind: 'put', row })));
  const slot = slotAfter({ sequence, length: headerLength, checksum: seed }, lines);
  const header = Buffer.from(title + blankLine + blankLine, 'latin1');
  header.write(slotLine(slot, seed), slotPosition(slot), 'latin1');
  return { journal: { header, seed, slot, rows, changes: rows.size }, bytes: Buffer.concat([header, lines]) };
}

function linesOf(changes: readonly RowChange[]): Buffer {
  return Buffer.from(changes.map((change) => `${JSON.stringify(change)}\n`).join(''));
}

function slotAfter({ sequence, length, checksum }: JournalSlot, lines: Buffer): JournalSlot {
  return { sequence: sequence + 1, length: length + lines.length, checksum: crc32(lines, checksum) };
}

/** Takes back what was not committed, as far as the disk allows. What it leaves counts for nobody but takes room. */
function undo(fd: number, before: JournalSlot, failed: JournalSlot): void {
  try {
    writeBytes(fd, Buffer.from(blankLine, 'latin1'), slotPosition(failed));
    ftruncateSync(fd, before.length);
  } catch {
    // the caller is told of the first failure
  }
}
