import type { Bytes } from '../core/bytes.ts';
import { fromHex } from '../core/hex.ts';
import type { Keyring } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { concat } from './concat.ts';
import { envelopeLayout } from './envelope.ts';
import { pad } from './padding.ts';
import { recordKey } from './record-key.ts';
import { associatedData, type SealContext } from './seal-context.ts';

/** What {@link sealRecord} makes. */
export interface SealedRecord {
  /** The key that sealed it, eight hexadecimal digits. */
  readonly keyId: string;
  /** The envelope. */
  readonly sealed: Bytes;
}

/**
 * Seals a payload with AES-256-GCM under a key of its own, bound to its context (specification §5). Three Web Crypto
 * calls. The result is 82 bytes longer than the payload padded to the next multiple of 256.
 *
 * @throws `E_INPUT` when the payload exceeds 1 MiB or the context cannot be encoded.
 * @throws `E_LOCKED` when the keyring is locked, or was locked before the work was done.
 */
export async function sealRecord(keyring: Keyring, context: SealContext, payload: Uint8Array): Promise<SealedRecord> {
  const { version, recordType, saltAt, ivAt, commitmentAt, maxPayload, tagLength } = envelopeLayout;
  if (payload.length > maxPayload) {
    throw new TokenkeepError('E_INPUT', 'the token is larger than 1 MiB; store less in it');
  }
  const root = keyring.sealingRoot();
  const random = crypto.getRandomValues(new Uint8Array(commitmentAt - saltAt));
  const header = concat(version, recordType, fromHex(root.keyId), random);
  const associated = associatedData(header, context);
  const { key, commitment } = await recordKey(root.key, header.subarray(saltAt, ivAt), associated, 'encrypt');
  const padded = pad(payload);
  try {
    const ciphertext = await crypto.subtle.encrypt(
      {
        name: 'AES-GCM',
        iv: header.subarray(ivAt, commitmentAt),
        additionalData: associated,
        tagLength: tagLength * 8,
      },
      key,
      padded,
    );
    keyring.sealingRoot(); // throws when it was locked meanwhile
    return { keyId: root.keyId, sealed: concat(header, commitment, new Uint8Array(ciphertext)) };
  } finally {
    padded.fill(0);
  }
}
