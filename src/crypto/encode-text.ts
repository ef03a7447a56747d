import type { Bytes } from '../core/bytes.ts';
import { isWellFormed } from '../core/is-well-formed.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

const encoder = new TextEncoder();

/**
 * The UTF-8 bytes of a text.
 *
 * @throws `E_INPUT` for a lone surrogate, which UTF-8 cannot hold (the encoder would make two different texts equal), and
 * for a text of more than `limit` bytes. The message calls the text `name`.
 */
export function encodeText(text: string, limit: number, name: string): Bytes {
  if (!isWellFormed(text)) throw new TokenkeepError('E_INPUT', `${name} holds a lone surrogate; send well-formed text`);
  // UTF-8 needs at least one byte for each UTF-16 unit: an oversized text is refused without encoding it
  const bytes = text.length > limit ? undefined : (encoder.encode(text) as Bytes);
  if (bytes === undefined || bytes.length > limit) {
    throw new TokenkeepError('E_INPUT', `${name} is longer than ${limit} bytes; shorten it`);
  }
  return bytes;
}
