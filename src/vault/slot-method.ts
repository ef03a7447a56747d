import type { Bytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';

/**
 * How a master key can be held.
 *
 * - `session`: in the memory of this tab alone.
 * - `device`: by a non-extractable key in IndexedDB.
 * - `passphrase`: by PBKDF2 of what the user knows.
 * - `passkey`: by WebAuthn's PRF of an authenticator.
 * - `recovery`: by a printed code.
 * - `split`: by a key in IndexedDB together with a half that a worker holds behind the user's session.
 */
export type SlotKind = 'session' | 'device' | 'passphrase' | 'passkey' | 'recovery' | 'split';

/** What may be shown about a slot. */
export interface SlotInfo {
  /** Names the slot within the vault. */
  readonly id: string;
  readonly kind: SlotKind;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** A name for the user, where one was given. */
  readonly label?: string;
}

/** A slot as it is stored. */
export interface SlotRow extends SlotInfo {
  /** 130 bytes: header, commitment and wrapped master key (docs/storage-format.md). */
  readonly blob: Bytes;
  /** Of a passkey: its credential id, and how it can be reached. */
  readonly credential?: { readonly id: Bytes; readonly transports: readonly string[] };
  /** Of a device or split slot: the non-extractable HKDF key that IndexedDB keeps. Absent when it has lost it. */
  readonly secret?: WebCryptoKey;
}

/** What a slot's key is derived from. */
export interface SlotSecret {
  /** A non-extractable HKDF key. */
  readonly ikm: WebCryptoKey;
  /** HKDF's salt; empty but for the edge half of a split slot. */
  readonly salt?: Bytes;
}

/** What a new slot is made of. */
export interface NewSlot extends SlotSecret, Pick<SlotRow, 'label' | 'credential' | 'secret'> {
  /** The parameter of the header: PBKDF2's iterations, else 0. */
  readonly param?: number;
}

/** What a method is told about the vault. */
export interface SlotContext {
  /** Random, made with the vault: 32 hexadecimal digits. */
  readonly storeId: string;
  /**
   * The slots of this method's kind: of a new slot those that stay beside it, else those that may be opened, of which there is
   * at least one. Of the right form, and not authenticated.
   */
  readonly rows: readonly SlotRow[];
}

/** The secret of a slot, and which slot it is of. */
export interface RecalledSecret extends SlotSecret {
  /** One of {@link SlotContext.rows}. */
  readonly row: SlotRow;
}

/**
 * One way to hold the master key: made by `deviceSlot()`, `passphraseSlot()` and their like. An object may be used for any
 * number of calls and vaults.
 */
export interface SlotMethod {
  readonly kind: SlotKind;
  /**
   * Makes the secret of a new slot; may ask the user.
   *
   * @param salt the 32 random bytes of the new slot's header.
   */
  enrol(context: SlotContext, salt: Bytes): Promise<NewSlot>;
  /** The secret of one of the slots; may ask the user. */
  recall(context: SlotContext): Promise<RecalledSecret>;
  /** The error for a secret that does not open its slot. */
  mismatch(): Error;
}
