import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { softExpiry } from '../../src/core/soft-expiry.ts';
import { freshness } from '../../src/manager/freshness.ts';

const now = 1_795_000_000_000;
const minute = 60_000;
const token = (lifetime: number, id = 'one'): SavedToken => ({
  id,
  revision: 1,
  accessToken: 'a',
  obtainedAt: now,
  expiresAt: now + lifetime,
});

describe('the soft expiry', () => {
  test('is before the expiry by a tenth of a long life, and by up to a quarter of that more', () => {
    for (let i = 0; i < 100; i++) {
      const before = now + 60 * minute - (softExpiry(token(60 * minute, String(i))) as number);
      expect(before).toBeGreaterThanOrEqual(6 * minute);
      expect(before).toBeLessThanOrEqual(7.5 * minute + 1);
    }
  });

  test('is before the expiry by a minute at least', () => {
    const before = now + 5 * minute - (softExpiry(token(5 * minute)) as number);
    expect(before).toBeGreaterThanOrEqual(minute);
    expect(before).toBeLessThanOrEqual(1.25 * minute + 1);
  });

  test('is never before half of the life is over', () => {
    expect(softExpiry(token(minute))).toBe(now + minute / 2);
    expect(softExpiry(token(0))).toBe(now);
  });

  test('is the same for all who ask, and differs from token to token and from renewal to renewal', () => {
    const ends = Array.from({ length: 50 }, (_, i) => softExpiry(token(60 * minute, `token ${i}`)) as number);
    expect(new Set(ends).size).toBeGreaterThan(45);
    expect(Math.max(...ends) - Math.min(...ends)).toBeGreaterThan(minute);
    expect(softExpiry(token(60 * minute, 'token 0'))).toBe(ends[0]);
    expect(softExpiry({ ...token(60 * minute, 'token 0'), revision: 2 })).not.toBe(ends[0]);
  });

  test('of a token whose life nobody knows is a minute before its expiry', () => {
    const { obtainedAt: _, ...unknown } = token(5 * minute);
    const before = now + 5 * minute - (softExpiry(unknown) as number);
    expect(before).toBeGreaterThanOrEqual(minute);
    expect(before).toBeLessThanOrEqual(1.25 * minute + 1);
  });

  test('of a token without an expiry does not exist', () => {
    expect(softExpiry({ id: 'one', revision: 1, accessToken: 'a' })).toBeUndefined();
  });

  test('lies within the life, whatever the times are', () => {
    const time = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(time, time, (obtainedAt, expiresAt) => {
        const soft = softExpiry({ ...token(0), obtainedAt, expiresAt }) as number;
        expect(soft).toBeLessThanOrEqual(expiresAt);
        if (obtainedAt <= expiresAt) expect(soft).toBeGreaterThanOrEqual(obtainedAt - 1);
      }),
    );
  });
});

describe('the freshness of a token', () => {
  const at = (ms: number, soft = now + 50 * minute) => freshness(token(60 * minute), soft, now + ms);

  test('changes at the soft expiry, and ten seconds before the expiry', () => {
    expect(at(50 * minute - 1)).toBe('fresh');
    expect(at(50 * minute)).toBe('due');
    expect(at(60 * minute - 10_001)).toBe('due');
    expect(at(60 * minute - 10_000)).toBe('expired');
  });

  test('leaves a short life the most of its time', () => {
    expect(freshness(token(1000), undefined, now + 899)).toBe('fresh');
    expect(freshness(token(1000), undefined, now + 900)).toBe('expired');
    expect(freshness(token(0), undefined, now)).toBe('expired');
  });

  test('takes ten seconds off where nobody knows the life', () => {
    const { obtainedAt: _, ...unknown } = token(minute);
    expect(freshness(unknown, undefined, now + minute - 10_001)).toBe('fresh');
    expect(freshness(unknown, undefined, now + minute - 10_000)).toBe('expired');
  });

  test('is not known when the clock was turned back, except by what two clocks may differ', () => {
    expect(at(-minute)).toBe('fresh');
    expect(at(-minute - 1)).toBe('expired');
  });

  test('is for ever when there is no expiry, and never when there is no token', () => {
    for (const soft of [undefined, now]) {
      expect(freshness({ id: 'one', revision: 1, accessToken: 'a' }, soft, now)).toBe('fresh');
    }
    expect(freshness({ id: 'one', revision: 1, refreshToken: 'r' }, undefined, now)).toBe('expired');
  });
});
