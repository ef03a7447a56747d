import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { generateRecoveryCode, readRecoveryCode } from '../../src/vault/recovery-code.ts';
import { expectCode } from '../support/expect-code.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const read = (code: string) => new TextDecoder().decode(readRecoveryCode(code));

/** The code with other symbols at these places, hyphens aside. */
function altered(code: string, ...changes: readonly [number, string][]): string {
  const symbols = [...code.replaceAll('-', '')];
  for (const [place, symbol] of changes) symbols[place] = symbol;
  return symbols.join('');
}

describe('a recovery code', () => {
  test('has seven groups of four of 32 symbols, 130 bits of them random', () => {
    const codes = Array.from({ length: 300 }, generateRecoveryCode);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(new Set(codes).size).toBe(300);
    for (let place = 0; place < 26; place++) {
      const seen = new Set(codes.map((code) => code.replaceAll('-', '')[place]));
      expect(seen.size, `place ${place}`).toBeGreaterThan(27);
    }
  });

  test('is read in any case, with or without hyphens, spaces and dashes, and with O, I and L for 0 and 1', () => {
    for (let i = 0; i < 50; i++) {
      const code = generateRecoveryCode();
      const secret = code.replaceAll('-', '').slice(0, 26);
      for (const typed of [
        code,
        code.toLowerCase(),
        code.replaceAll('-', ''),
        ` ${code.replaceAll('-', ' ')}\n`,
        code.replaceAll('-', ' \u2013 '),
        code.replaceAll('0', 'O').replaceAll('1', 'l'),
        code.replaceAll('0', 'o').replaceAll('1', 'I'),
        code.replaceAll('1', 'i'),
      ]) {
        expect(read(typed)).toBe(secret);
      }
    }
  });

  test('is refused whenever one symbol is another one', () => {
    const code = generateRecoveryCode();
    const symbols = code.replaceAll('-', '');
    for (let place = 0; place < 28; place++) {
      for (const symbol of alphabet) {
        if (symbol === symbols[place]) continue;
        expect(() => readRecoveryCode(altered(code, [place, symbol]))).toThrow(TokenkeepError);
      }
    }
  });

  test('is refused whenever two symbols have changed places', () => {
    for (let i = 0; i < 20; i++) {
      const code = generateRecoveryCode();
      const symbols = code.replaceAll('-', '');
      for (let a = 0; a < 28; a++) {
        for (let b = a + 1; b < 28; b++) {
          const [first, second] = [symbols[a] as string, symbols[b] as string];
          // the sum tells all that are next to each other, and all within the random part and within the checksum
          if (first === second || (a < 26 && b >= 26 && b - a > 1)) continue;
          expect(() => readRecoveryCode(altered(code, [a, second], [b, first]))).toThrow(TokenkeepError);
        }
      }
    }
  });

  test('is refused when it is too short, too long, or of other characters, without being quoted', async () => {
    const code = generateRecoveryCode();
    const hostile = ['', code.slice(1), `${code}0`, altered(code, [3, 'U']), altered(code, [27, '*']), 'x'.repeat(1e5)];
    for (const typed of [...hostile, undefined as never, 7 as never]) {
      const error = await expectCode('E_INPUT', () => readRecoveryCode(typed));
      expect(error.message).not.toContain(code.slice(0, 4));
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (typed) => {
        expect(() => readRecoveryCode(typed)).toThrow(TokenkeepError);
      }),
    );
  });
});
