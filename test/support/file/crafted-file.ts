import { crc32 } from 'node:zlib';
import {
  blankLine,
  headerLength,
  type JournalSlot,
  newTitle,
  seedOf,
  slotLine,
  slotPosition,
} from '../../../src/backends/node/journal-header.ts';

/** A file whose checksums are right, whatever its lines say: as somebody makes it who can write the file. `said` is what else its commit point says. */
export function craftedFile(lines: readonly string[], said: Partial<JournalSlot> = {}): Buffer {
  const title = newTitle();
  const body = Buffer.from(lines.join(''));
  const slot = { sequence: 1, length: headerLength + body.length, checksum: crc32(body, seedOf(title)), ...said };
  const file = Buffer.concat([Buffer.from(title + blankLine + blankLine), body]);
  file.write(slotLine(slot, seedOf(title)), slotPosition(slot));
  return file;
}
