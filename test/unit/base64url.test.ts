import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../src/core/base64url.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('base64url', () => {
  test('writes the examples of RFC 4648 §10, without their padding', () => {
    const examples = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => toBase64url(utf8(text)));
    expect(examples).toEqual(['', 'Zg', 'Zm8', 'Zm9v', 'Zm9vYg', 'Zm9vYmE', 'Zm9vYmFy']);
  });

  test('writes - and _ where plain base64 has + and /', () => {
    expect(toBase64url(Uint8Array.of(0xfb, 0xef, 0xff))).toBe('--__');
    expect(fromBase64url('--__')).toEqual(Uint8Array.of(0xfb, 0xef, 0xff));
  });

  test('reads back whatever it wrote, and writes it the same again', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = toBase64url(value);
        expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
        expect(fromBase64url(text)).toEqual(Uint8Array.from(value));
      }),
    );
  });

  test('has exactly one text for every byte string: what it reads, it would have written', () => {
    const alphabet = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (text) => {
        const value = fromBase64url(text);
        return value === undefined || toBase64url(value) === text;
      }),
    );
  });

  test.each([
    ['padding', 'Zg=='],
    ['the alphabet of plain base64', '++//'],
    ['a space inside', 'Zm 9v'],
    ['a line break at the end', 'Zm9v\n'],
    ['a length that no byte string has', 'Zm9vY'],
    ['bits set after the last byte', 'Zh'],
    ['a letter outside ASCII', 'Zm9ｖ'],
  ])('refuses %s', (_, text) => {
    expect(fromBase64url(text)).toBeUndefined();
  });

  test('gives bytes a buffer of their own, of exactly their size', () => {
    expect(fromBase64url('Zm9vYmFy')?.buffer.byteLength).toBe(6);
  });

  test('writes the view, not the buffer behind it', () => {
    expect(toBase64url(utf8('xfoox').subarray(1, 4))).toBe('Zm9v');
  });

  test('carries 2 MiB without running out of stack', () => {
    const large = new Uint8Array(2 * 1024 * 1024).fill(0xa5);
    expect(fromBase64url(toBase64url(large))?.length).toBe(large.length);
  });
});
