import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expiresAt, lifetimeSeconds } from '../../src/oauth/lifetime.ts';

const now = 1_700_000_000_000;
const century = 100 * 365.25 * 86_400;

describe('When an access token expires', () => {
  test.for([
    [3600, now + 3_600_000],
    ['3600', now + 3_600_000],
    [' 60 ', now + 60_000],
    [0.5, now + 500],
    [0, now],
    [century, now + century * 1000],
  ] as const)('a lifetime of %j counts from the answer', ([lifetime, instant]) => {
    expect(expiresAt(lifetime, now)).toBe(instant);
  });

  test.for([
    undefined,
    null,
    '',
    ' ',
    'never',
    '3600s',
    '1e3',
    '0x10',
    '-1',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    century + 1,
    1e300,
    true,
    [3600],
    { seconds: 3600 },
  ])('a lifetime of %j says nothing', (lifetime) => {
    expect(lifetimeSeconds(lifetime)).toBeUndefined();
    expect(expiresAt(lifetime, now)).toBeUndefined();
  });

  test('is a whole number of milliseconds between now and 100 years from now, whatever a server sends', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.double(), fc.double().map(String), fc.nat().map(String)), (lifetime) => {
        const instant = expiresAt(lifetime, now);
        if (instant === undefined) return;
        expect(Number.isSafeInteger(instant)).toBe(true);
        expect(instant).toBeGreaterThanOrEqual(now);
        expect(instant).toBeLessThanOrEqual(now + century * 1000);
      }),
    );
  });

  test('does not depend on whether the server writes a number or text', () => {
    fc.assert(
      fc.property(fc.nat({ max: century }), (seconds) => {
        expect(expiresAt(String(seconds), now)).toBe(now + seconds * 1000);
        expect(expiresAt(seconds, now)).toBe(now + seconds * 1000);
      }),
    );
  });
});
