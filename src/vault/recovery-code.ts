import type { Bytes } from '../core/bytes.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** Crockford's base32: without I, L, O and U, so that hardly anything can be misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const symbols = 26;
/** A prime larger than any place times any symbol: one wrong symbol, or two that changed places, always give another sum. */
const modulus = 1021;

/**
 * Makes a recovery code for `recoverySlot()`: 130 random bits, in seven groups of four letters and digits, such as
 * `7QJ2-M0XV-…`. Show it once, to be printed or written down, and keep it nowhere.
 */
export function generateRecoveryCode(): string {
  const random = crypto.getRandomValues(new Uint8Array(symbols));
  const secret = Array.from(random, (byte) => alphabet[byte % alphabet.length]).join('');
  random.fill(0);
  return (secret + checksumOf(secret)).replace(/.{4}(?=.)/g, '$&-');
}

/**
 * The secret of a recovery code as somebody has typed it: in upper or lower case, with or without hyphens and spaces, with O for 0
 * and I or L for 1.
 *
 * @returns its 26 symbols, without the checksum, in ASCII.
 * @throws `E_INPUT` when it is not complete, or a symbol was mistyped. The message does not quote it.
 */
export function readRecoveryCode(code: string): Bytes {
  const typed = typeof code === 'string' ? code.replace(/[\s\-\u2010-\u2015]/g, '').toUpperCase() : '';
  const text = typed.replace(/O/g, '0').replace(/[IL]/g, '1');
  if (text.length !== symbols + 2) {
    throw new TokenkeepError('E_INPUT', 'a recovery code has 28 letters and digits; compare it with what was printed');
  }
  const secret = text.slice(0, symbols);
  if ([...text].some((symbol) => !alphabet.includes(symbol)) || text.slice(symbols) !== checksumOf(secret)) {
    throw new TokenkeepError('E_INPUT', 'the recovery code has a typing error; compare it with what was printed');
  }
  return new TextEncoder().encode(secret);
}

function checksumOf(secret: string): string {
  let sum = 0;
  for (let i = 0; i < secret.length; i++) sum += (i + 1) * alphabet.indexOf(secret[i] as string);
  const check = sum % modulus;
  return `${alphabet[check >> 5]}${alphabet[check & 31]}`;
}
