import { expect, test } from 'vitest';
import { keyTally } from '../../src/backends/key-tally.ts';

test('records are counted by both keys, and the pairs are told in the order of their ids', () => {
  const tally = keyTally();
  expect(tally.uses()).toEqual([]);
  tally.add('bbbbbbbb', 'aaaaaaaa');
  tally.add('aaaaaaaa', 'bbbbbbbb', 5);
  tally.add('aaaaaaaa', 'aaaaaaaa');
  tally.add('bbbbbbbb', 'aaaaaaaa', 2);
  expect(tally.uses()).toEqual([
    { keyId: 'aaaaaaaa', indexKeyId: 'aaaaaaaa', records: 1 },
    { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb', records: 5 },
    { keyId: 'bbbbbbbb', indexKeyId: 'aaaaaaaa', records: 3 },
  ]);
});

test('what names no key is counted, and never told: it would be shown to people', () => {
  const tally = keyTally();
  const garbage = [
    '',
    'AAAAAAAA',
    'aaaaaaa',
    'aaaaaaaaa',
    'aaaaaaaa\n',
    '\u001b[2Jaaaaa',
    'gggggggg',
    5,
    null,
    undefined,
    {},
    [],
  ];
  for (const value of garbage) tally.add(value, 'aaaaaaaa');
  for (const value of garbage) tally.add(value, value);
  expect(tally.uses()).toEqual([
    { keyId: '', indexKeyId: '', records: garbage.length },
    { keyId: '', indexKeyId: 'aaaaaaaa', records: garbage.length },
  ]);
});
