import { unpackSnappy } from './snappy.ts';

const blockBytes = 32_768;
const headerBytes = 7;
const footerBytes = 48;
const magic = 0xdb4775248b80fb57n;

/**
 * What a log of LevelDB holds (https://github.com/google/leveldb/blob/main/doc/log_format.md): its records one after the other, without
 * the headers, one of which lies in the middle of each record that is longer than what was left of its block.
 */
export function logContents(log: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let block = 0; block < log.length; block += blockBytes) {
    const end = Math.min(block + blockBytes, log.length);
    for (let at = block; at + headerBytes <= end; ) {
      const length = (log[at + 4] as number) + (log[at + 5] as number) * 256;
      parts.push(log.subarray(at + headerBytes, Math.min(at + headerBytes + length, end)));
      at += headerBytes + length;
    }
  }
  return Buffer.concat(parts);
}

/**
 * The blocks of a table of LevelDB (https://github.com/google/leveldb/blob/main/doc/table_format.md), unpacked.
 *
 * @throws when it is none.
 */
export function tableContents(table: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  if (table.length < footerBytes || view.getBigUint64(table.length - 8, true) !== magic) throw new Error('no table');
  const footer = numbersOf(table.subarray(-footerBytes));
  footer(); // where what is told about the table begins, and how long that is
  footer();
  const index = blockOf(table, [footer(), footer()]);
  return blocksIn(index).map((handle) => blockOf(table, handle));
}

/** Where the blocks are, by the entries of the index. */
function blocksIn(index: Uint8Array): readonly [offset: number, size: number][] {
  const restarts = new DataView(index.buffer, index.byteOffset).getUint32(index.length - 4, true);
  const end = index.length - 4 * (restarts + 1);
  const handles: [number, number][] = [];
  for (let at = 0; at < end; ) {
    const entry = numbersOf(index.subarray(at));
    entry(); // how much of the key is that of the entry before
    const [keyBytes, valueBytes] = [entry(), entry()];
    const value = at + entry.read() + keyBytes;
    const handle = numbersOf(index.subarray(value));
    handles.push([handle(), handle()]);
    at = value + valueBytes;
  }
  return handles;
}

function blockOf(table: Uint8Array, [offset, size]: readonly [number, number]): Uint8Array {
  const block = table.subarray(offset, offset + size);
  const unpacked = table[offset + size] === 1 ? unpackSnappy(block) : block;
  if (unpacked === undefined) throw new Error('a block cannot be unpacked');
  return unpacked;
}

/** Reads numbers of seven bits a byte, one after the other. */
function numbersOf(bytes: Uint8Array): { (): number; read(): number } {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      more = byte > 127;
    }
    return value;
  };
  return Object.assign(next, { read: () => at });
}
