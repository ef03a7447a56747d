import type { Bytes } from '../core/bytes.ts';
import { toHex } from '../core/hex.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** Sizes in bytes and constants of the envelope (specification §5). */
export const envelopeLayout = {
  version: 1,
  recordType: 1,
  keyIdAt: 2,
  saltAt: 6,
  ivAt: 22,
  commitmentAt: 34,
  ciphertextAt: 66,
  tagLength: 16,
  maxPayload: 1_048_576,
  maxPadding: 4096,
} as const;

/** An envelope taken apart. Nothing in it is authenticated yet. */
export interface Envelope {
  /** Version, type, key id, salt and IV: the first 34 bytes. */
  readonly header: Bytes;
  readonly keyId: string;
  readonly salt: Bytes;
  readonly iv: Bytes;
  readonly commitment: Bytes;
  /** The ciphertext with the tag behind it, as Web Crypto wants it. */
  readonly ciphertext: Bytes;
}

/**
 * Takes an envelope apart without touching a key.
 *
 * @throws `E_FORMAT` when the length or the type cannot be an envelope's, `E_VERSION` when the version is unknown.
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const { version, recordType, keyIdAt, saltAt, ivAt, commitmentAt, ciphertextAt, tagLength } = envelopeLayout;
  const { maxPayload, maxPadding } = envelopeLayout;
  const overhead = ciphertextAt + tagLength;
  if (bytes.length <= overhead || bytes.length > overhead + maxPayload + maxPadding) {
    throw new TokenkeepError('E_FORMAT', 'the stored bytes are not a sealed record; restore them from a backup');
  }
  if (bytes[0] !== version) {
    throw new TokenkeepError('E_VERSION', 'the record was sealed in an unknown format; update tokenkeep to read it');
  }
  if (bytes[1] !== recordType) {
    throw new TokenkeepError(
      'E_FORMAT',
      'the stored bytes are sealed, but not as a record; restore them from a backup',
    );
  }
  const copy = new Uint8Array(bytes);
  return {
    header: copy.subarray(0, commitmentAt),
    keyId: toHex(copy.subarray(keyIdAt, saltAt)),
    salt: copy.subarray(saltAt, ivAt),
    iv: copy.subarray(ivAt, commitmentAt),
    commitment: copy.subarray(commitmentAt, ciphertextAt),
    ciphertext: copy.subarray(ciphertextAt),
  };
}
