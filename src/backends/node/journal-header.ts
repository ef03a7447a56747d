import { crc32 } from 'node:zlib';
import { toHex } from '../../core/hex.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { foreignFile } from './file-error.ts';

// A journal begins with a header of three lines of 512 bytes each, padded with spaces: a title and two slots. After it comes a line
// of JSON for each change, in the order in which they were made. A commit writes its lines behind those that are committed, and then
// into the older of the slots how far the file counts and what its checksum is.

/** What a commit point says. */
export interface JournalSlot {
  /** Counts the commits of a journal and of those it took the place of. */
  readonly sequence: number;
  /** How many bytes of the file count. What follows them was never committed. */
  readonly length: number;
  /** CRC-32 of everything from the title to that length, the slots left out. */
  readonly checksum: number;
}

/** The first lines of a journal. */
export interface JournalHeader {
  /** CRC-32 of the title, which is another one in each file: what is left of an earlier file never fits. */
  readonly seed: number;
  /** The commit points that can be read, the newest first. */
  readonly slots: readonly JournalSlot[];
}

/** Bytes of a line of the header: a sector of its own, so that a disk that fails to write one slot does not harm the other. */
const lineLength = 512;

/** Bytes of the header: a title and two slots. */
export const headerLength: number = 3 * lineLength;

const name = 'tokenkeep records ';

/** A line that says nothing. */
export const blankLine: string = line('');

/** The first line of a new journal: the format's name and version, and a random number. */
export function newTitle(): string {
  return line(`${name}1 ${toHex(crypto.getRandomValues(new Uint8Array(16)))}`);
}

/** The checksum that a journal's first commit goes on from. */
export function seedOf(title: string): number {
  return crc32(title);
}

export function slotLine({ sequence, length, checksum }: JournalSlot, seed: number): string {
  const said = [sequence, length, checksum].join(' ');
  return line(`${said} ${crc32(said, seed)}`);
}

/** Where a slot is written: each commit takes the place of the one before the last. */
export function slotPosition({ sequence }: JournalSlot): number {
  return (1 + (sequence % 2)) * lineLength;
}

/**
 * Reads the header.
 *
 * @throws `E_CONFIG` when it is not one, `E_VERSION` when it is one of another version.
 */
export function readHeader(bytes: Buffer): JournalHeader {
  const [title = '', ...slots] = [0, 1, 2].map((i) => bytes.toString('latin1', i * lineLength, (i + 1) * lineLength));
  if (!title.startsWith(name)) throw foreignFile();
  if (!title.startsWith(`${name}1 `)) {
    throw new TokenkeepError('E_VERSION', 'another version of tokenkeep wrote this file; update tokenkeep');
  }
  const seed = seedOf(title);
  const found = slots.flatMap((text) => readSlot(text, seed) ?? []);
  return { seed, slots: found.sort((left, right) => right.sequence - left.sequence) };
}

function readSlot(text: string, seed: number): JournalSlot | undefined {
  const [sequence = 0, length = 0, checksum = 0] = text.split(' ', 3).map(Number);
  const slot = { sequence, length, checksum };
  return slotLine(slot, seed) === text ? slot : undefined;
}

function line(text: string): string {
  return `${text.padEnd(lineLength - 1)}\n`;
}
