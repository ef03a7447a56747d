import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { Keyring, RootKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { envelopeLayout, parseEnvelope } from './envelope.ts';
import { unpad } from './padding.ts';
import { recordKey } from './record-key.ts';
import { associatedData, type SealContext } from './seal-context.ts';

// One sentence for a wrong commitment, a wrong tag and malformed padding: which of them failed is nobody's business.
const refused = (): TokenkeepError =>
  new TokenkeepError(
    'E_AUTH',
    'the record was altered, moved or sealed under another key; restore it or sign in again',
  );

/** The key that an envelope names, though somebody else may have just added it. */
async function openingRoot(keyring: Keyring, keyId: string): Promise<RootKey> {
  try {
    return keyring.openingRoot(keyId);
  } catch (error) {
    const isUnknown = error instanceof TokenkeepError && error.code === 'E_KEY_UNKNOWN';
    if (!isUnknown || keyring.refresh === undefined) throw error;
  }
  await keyring.refresh();
  return keyring.openingRoot(keyId);
}

/**
 * Opens what {@link sealRecord} sealed. Three Web Crypto calls; exactly one key is tried, the one the envelope names.
 *
 * @throws `E_FORMAT` or `E_VERSION` when the bytes are no record of this format, before any key is used.
 * @throws `E_KEY_UNKNOWN` or `E_KEY_DISABLED` when the keyring does not give the key, not even after `refresh()`.
 * @throws `E_LOCKED` when the keyring is locked, or was locked before the work was done.
 * @throws `E_AUTH` when the bytes or the context are not the ones that were sealed.
 */
export async function openRecord(keyring: Keyring, context: SealContext, sealed: Uint8Array): Promise<Bytes> {
  const envelope = parseEnvelope(sealed);
  const root = await openingRoot(keyring, envelope.keyId);
  const associated = associatedData(envelope.header, context);
  const { key, commitment } = await recordKey(root.key, envelope.salt, associated, 'decrypt');
  if (!equalBytes(commitment, envelope.commitment)) throw refused();
  const padded = await crypto.subtle
    .decrypt(
      { name: 'AES-GCM', iv: envelope.iv, additionalData: associated, tagLength: envelopeLayout.tagLength * 8 },
      key,
      envelope.ciphertext,
    )
    .then(
      (plaintext) => new Uint8Array(plaintext),
      () => {
        throw refused();
      },
    );
  try {
    keyring.openingRoot(envelope.keyId); // throws when it was locked meanwhile
    const payload = unpad(padded);
    if (payload === undefined) throw refused();
    return payload;
  } finally {
    padded.fill(0);
  }
}
