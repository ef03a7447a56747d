import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/core/hex.ts';

test('bytes are two lower-case digits each', () => {
  expect(toHex(Uint8Array.of(0, 9, 10, 0x7f, 0xa0, 255))).toBe('00090a7fa0ff');
  expect(toHex(new Uint8Array())).toBe('');
});

test('digits are read in either case', () => {
  expect(fromHex('00090a7fA0fF')).toEqual(Uint8Array.of(0, 9, 10, 0x7f, 0xa0, 255));
  expect(fromHex('')).toEqual(new Uint8Array());
});

test('every byte string is read back', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
    }),
  ));
