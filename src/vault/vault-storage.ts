import type { WebCryptoKey } from '../core/keyring.ts';
import type { KeyringRow } from './keyring-row.ts';
import type { SlotRow } from './slot-method.ts';

/** What is stored, as it was found: nothing of it is believed yet. */
export interface StoredVault {
  /** In place of a {@link KeyringRow}; absent when there is none. */
  readonly keyring?: unknown;
  /** In place of {@link SlotRow}s, each with its secret. No more than {@link mostSlots} and one. */
  readonly slots: readonly unknown[];
}

/** What to write. */
export interface VaultWrite {
  /** Whether everything that is stored is deleted first. */
  readonly clear?: boolean;
  readonly keyring?: KeyringRow;
  /** Slots to add, or to put in the place of those with the same id. */
  readonly slots?: readonly SlotRow[];
  /** The id of a slot to delete. */
  readonly remove?: string;
}

/**
 * Where a vault is kept.
 *
 * All methods reject with `E_STORAGE` or `E_QUOTA` when the database fails, and nothing was written then; `E_UNSUPPORTED` where
 * there is none.
 */
export interface VaultStorage {
  read(): Promise<StoredVault>;
  /**
   * Reads and writes in one transaction.
   *
   * @param change says what to write over what is there at that moment. It answers at once, so that it cannot await anything in
   * the middle of a transaction. Nothing is written when it throws, and what it throws is passed on.
   */
  update(change: (present: StoredVault) => VaultWrite): Promise<void>;
  /**
   * Puts a key, reads it again in another transaction, and deletes it.
   *
   * @throws `E_UNSUPPORTED` when it does not come back.
   */
  roundTrip(key: WebCryptoKey): Promise<WebCryptoKey>;
}

/** How many slots a vault may have: what is planted beside them must not make a page work without bound. */
export const mostSlots = 32;
