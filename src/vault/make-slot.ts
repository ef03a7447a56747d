import { toBase64url } from '../core/base64url.ts';
import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { openSlot, sealSlot } from './slot-blob.ts';
import type { NewSlot, SlotKind, SlotRow } from './slot-method.ts';
import type { VaultStorage } from './vault-storage.ts';

/** A slot that nobody has stored yet, and has opened already. */
export interface MadeSlot {
  readonly row: SlotRow;
  /** The master key, to derive from. */
  readonly masterKey: WebCryptoKey;
}

/** What a slot is made with. */
export interface SlotMaking {
  readonly kind: SlotKind;
  /** To be wrapped. */
  readonly masterKey: WebCryptoKey;
  /** Where it will be stored. */
  readonly storage: VaultStorage;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Gives the secret. @param salt the 32 random bytes of the header. */
  readonly secretOf: (salt: SlotRow['blob']) => Promise<NewSlot>;
}

/**
 * Makes a slot, and opens it by what will be kept of its secret: a slot that does not open is worse than none.
 *
 * @throws `E_UNSUPPORTED` when the storage does not keep the secret.
 */
export async function makeSlot({ kind, masterKey, storage, createdAt, secretOf }: SlotMaking): Promise<MadeSlot> {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const made = await secretOf(salt.slice());
  const blob = await sealSlot(kind, masterKey, made, { param: made.param ?? 0, salt });
  const ikm = made.secret === undefined ? made.ikm : await storage.roundTrip(made.secret);
  const opened = await openSlot(kind, blob, { ...made, ikm }, 'open');
  if (opened === undefined) {
    throw new TokenkeepError('E_UNSUPPORTED', 'this browser does not keep keys as they were; use a passphrase');
  }
  const { label, credential, secret } = made;
  return {
    masterKey: opened,
    row: {
      id: credential === undefined ? kind : `${kind}/${toBase64url(credential.id)}`,
      kind,
      createdAt,
      blob,
      ...(label !== undefined && { label }),
      ...(credential && { credential }),
      ...(secret && { secret }),
    },
  };
}
