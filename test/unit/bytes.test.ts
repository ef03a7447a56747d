import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../src/core/bytes.ts';

const bytes = (maxLength = 80) => fc.uint8Array({ maxLength });

describe('equalBytes', () => {
  test('takes two copies of the same bytes as equal', () => {
    fc.assert(fc.property(bytes(), (left) => equalBytes(left, Uint8Array.from(left))));
  });

  test('sees a change of any single bit at any place', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (left, place, bit) => {
          const right = Uint8Array.from(left);
          right[place % right.length] = (right[place % right.length] as number) ^ (1 << bit);
          return !equalBytes(left, right);
        },
      ),
    );
  });

  test('takes bytes and their beginning as different, whatever follows', () => {
    fc.assert(
      fc.property(bytes(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (left, rest) => {
        const right = Uint8Array.of(...left, ...rest);
        return !equalBytes(left, right) && !equalBytes(right, left);
      }),
    );
  });

  test('compares the view, not the buffer behind it', () => {
    const shared = Uint8Array.of(1, 2, 3, 1, 2, 3);
    expect(equalBytes(shared.subarray(0, 3), shared.subarray(3))).toBe(true);
    expect(equalBytes(shared.subarray(0, 3), shared.subarray(1, 4))).toBe(false);
  });

  test('takes two empty byte strings as equal', () => {
    expect(equalBytes(new Uint8Array(), new Uint8Array(0))).toBe(true);
  });
});
