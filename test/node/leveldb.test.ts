import { expect, test } from 'vitest';
import { logContents, tableContents } from '../support/leveldb.ts';
import { unpackSnappy } from '../support/snappy.ts';

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const bytes = (...parts: readonly (string | number | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : Buffer.from(part))));

test('Snappy is unpacked: literals, and copies of one, two and four bytes, also of what they write themselves', () => {
  expect(text(unpackSnappy(bytes(5, 4 << 2, 'hello')))).toBe('hello');
  expect(text(unpackSnappy(bytes(66, 60 << 2, 61, 'x'.repeat(62), 1, 62)))).toBe('x'.repeat(66));
  expect(text(unpackSnappy(bytes(12, 2 << 2, 'abc', (5 << 2) | 1, 3)))).toBe('abcabcabcabc');
  expect(text(unpackSnappy(bytes(6, 2 << 2, 'abc', (2 << 2) | 2, 3, 0)))).toBe('abcabc');
  expect(text(unpackSnappy(bytes(6, 2 << 2, 'abc', (2 << 2) | 3, 3, 0, 0, 0)))).toBe('abcabc');
});

test.each([
  ['nothing', []],
  ['a length that never ends', [255, 255, 255, 255, 255, 255]],
  ['a literal that is cut off', [5, 4 << 2, 'hell']],
  ['more than was announced', [4, 4 << 2, 'hello']],
  ['less than was announced', [6, 4 << 2, 'hello']],
  ['a copy from before the beginning', [6, 2 << 2, 'abc', (2 << 2) | 2, 4, 0]],
  ['a copy of nothing', [6, 2 << 2, 'abc', (2 << 2) | 2, 0, 0]],
] as const)('what is no Snappy is refused: %s', (_, parts) => {
  expect(unpackSnappy(bytes(...parts))).toBeUndefined();
});

test('a record of a log that lies across two blocks is put together again', () => {
  const first = 'a'.repeat(32_768 - 7 - 7 - 5);
  const log = bytes(
    ...[0, 0, 0, 0],
    first.length & 255,
    first.length >> 8,
    1,
    first,
    ...[0, 0, 0, 0, 5, 0, 2],
    'left-',
  );
  expect(log.length).toBe(32_768);
  expect(text(logContents(bytes(log, ...[0, 0, 0, 0, 5, 0, 4], 'right'))).slice(first.length)).toBe('left-right');
});

test('what is no table is not taken for an empty one', () => {
  expect(() => tableContents(new Uint8Array(100))).toThrow('no table');
  expect(() => tableContents(new Uint8Array())).toThrow('no table');
});
