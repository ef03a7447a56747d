import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64url } from '../../src/core/base64url.ts';
import { findTraces } from '../support/find-traces.ts';
import { toHex } from '../support/hex.ts';

const marker = 'marker-with-ünïcode-and+/?~0123456789';
const utf8 = (text: string) => new TextEncoder().encode(text);

test('the search for traces finds a planted text in every form, whatever stands around it', () => {
  const forms: readonly ((bytes: Uint8Array, text: string) => Uint8Array)[] = [
    (bytes) => bytes,
    (bytes) => utf8(toHex(bytes)),
    (bytes) => utf8(toHex(bytes).toUpperCase()),
    (bytes) => utf8(btoa(String.fromCharCode(...bytes))),
    (bytes) => utf8(toBase64url(bytes)),
    (_, text) => Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8])),
    (_, text) => Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0) >> 8, c.charCodeAt(0) & 255])),
  ];
  fc.assert(
    fc.property(
      fc.string({ maxLength: 7 }),
      fc.string({ maxLength: 7 }),
      fc.constantFrom(...forms),
      (before, after, form) => {
        const text = before + marker + after;
        expect(findTraces(form(utf8(text), text), [marker])).not.toEqual([]);
      },
    ),
  );
});

test('the search for traces finds planted bytes that are no text, as they are and written down', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 200) & 255);
  const wide = (text: string) => Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0), 0]));
  const forms: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes,
    (bytes) => utf8(toHex(bytes)),
    (bytes) => utf8(btoa(String.fromCharCode(...bytes))),
    (bytes) => utf8(toBase64url(bytes)),
    (bytes) => wide(toHex(bytes).toUpperCase()),
    (bytes) => wide(toBase64url(bytes)),
  ];
  const padding = fc.uint8Array({ maxLength: 7 });
  fc.assert(
    fc.property(padding, padding, fc.constantFrom(...forms), (before, after, form) => {
      const found = findTraces(form(Uint8Array.from([...before, ...key, ...after])), [key]);
      expect(found[0]).toContain(`${toHex(key)} in `);
    }),
  );
  expect(findTraces(forms[1]?.(key.map((byte) => byte ^ 1)) as Uint8Array, [key])).toEqual([]);
});

test('the search for traces finds nothing where nothing is', () => {
  expect(findTraces(utf8('marker-with-ünïcode-and+/?~012345678'), [marker])).toEqual([]);
  expect(findTraces(crypto.getRandomValues(new Uint8Array(5000)), [marker])).toEqual([]);
});
