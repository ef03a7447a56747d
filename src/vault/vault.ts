import type { KeyInfo, Keyring } from '../core/keyring.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import type { SlotInfo, SlotMethod } from './slot-method.ts';

/** What {@link openVault} can be told. */
export interface VaultOptions {
  /** The IndexedDB database of the wrapped keys. Default `tokenkeep-vault`. Vaults of different names know nothing of each other. */
  readonly name?: string;
  /**
   * Where the records are that the vault's keys seal. Lets the vault tell a first visit from a lost key, count what a reset
   * would lose, and refuse to retire a key that is still needed. Default: none. Those questions are answered then as if it
   * were empty, except that a vault that nothing can open any more counts as lost.
   */
  readonly backend?: RecordBackend;
  /**
   * Locks all tabs when the user has done nothing in any of them for this long, in milliseconds, up to 2³¹ − 1. Default:
   * never by itself.
   */
  readonly idleMs?: number;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * - `absent`: there is no vault and no data.
 * - `locked`, `unlocked`: there is a vault; unlocked is what this tab is.
 * - `lost`: there is data, and nothing that could ever open it (`E_NO_ROOT`).
 * - `evicted`: there was a vault, and the browser has deleted it together with the data (`E_EVICTED`).
 */
export type VaultState = 'absent' | 'locked' | 'unlocked' | 'lost' | 'evicted';

/** What {@link Vault.reset} deletes. */
export interface VaultLoss {
  /** Sealed records, of all kinds. */
  readonly records: number;
  readonly slots: readonly SlotInfo[];
}

/** What happened to a vault, in this tab or in another one. */
export type VaultEvent =
  | { readonly type: 'created' | 'unlocked' | 'slots-changed' | 'keys-changed' | 'reset' }
  | { readonly type: 'locked'; readonly because: 'asked' | 'idle' | 'left' }
  /** The time at which the vault locks by itself has moved; see {@link Vault.locksAt}. */
  | { readonly type: 'active' };

/**
 * Who may use a keyring in a browser. A random master key wraps the root keys, and any number of independent slots wrap the
 * master key; each slot opens the vault by itself. Changing slots touches no record.
 *
 * No key is ever readable for script: all of them are non-extractable but for the moment in which one is wrapped. What each
 * kind of slot protects against, and what not, stands in docs/threat-model.md.
 *
 * Concurrency: any number of tabs may share a vault. What one of them changes takes place in one transaction and is told to the
 * others. Being unlocked is a matter of each tab; locking is one of all tabs.
 */
export interface Vault {
  /**
   * The keyring, for `EncryptedTokenStore` and its like. It is there from the beginning and stays the same; while the vault is
   * locked it throws `E_LOCKED`, and work under way when it is locked ends with that as well.
   */
  readonly keyring: Keyring;

  /** When the vault locks by itself unless the user does something, in epoch milliseconds; absent when it does not. */
  readonly locksAt: number | undefined;

  state(): Promise<VaultState>;

  /**
   * Makes the vault, with one slot and one root key, and unlocks it. The slot is opened before it is stored: a browser that
   * does not keep what it needs is noticed now.
   *
   * @throws `E_CONFLICT` when there is one already, made by another tab at the same moment for example: unlock that one.
   * @throws `E_NO_ROOT` when there is data that a lost key has sealed: see {@link Vault.reset}.
   * @throws `E_LOCKED` when it was locked meanwhile; it is there then, and can be unlocked.
   * @throws what the slot throws, such as `E_INPUT`, `E_PRF`, `E_CANCELLED`, `E_UNSUPPORTED`, `E_REAUTH`.
   */
  create(slot: SlotMethod): Promise<SlotInfo>;

  /**
   * Unlocks the vault in this tab.
   *
   * @throws `E_PASSPHRASE`, `E_PASSKEY`, `E_PRF`, `E_CANCELLED` or `E_REAUTH` (not signed in) as the slot's kind has it;
   * nothing has changed then.
   * @throws `E_INPUT` when the vault has no slot of this kind, or there is no vault yet.
   * @throws `E_NO_ROOT` when the key is lost while data is there, `E_EVICTED` when both are gone.
   * @throws `E_AUTH`, `E_FORMAT` or `E_VERSION` when what is stored of the slot or the keys was altered, or is of a later
   * release.
   * @throws `E_LOCKED` when it was locked meanwhile.
   */
  unlock(slot: SlotMethod): Promise<SlotInfo>;

  /**
   * {@link Vault.create} where there is no vault yet, else {@link Vault.unlock}: what a page does at its start with a slot that
   * needs no user. Of several tabs at once one makes the vault, and the others open that one.
   */
  open(slot: SlotMethod): Promise<SlotInfo>;

  /** Locks the vault, in every tab, at once. Locking what is locked does nothing. */
  lock(): void;

  /** Tells the vault that the user is there. Pointer and keyboard events of the page do so by themselves. */
  touch(): void;

  /**
   * Changes {@link VaultOptions.idleMs} of this tab, counted from now: for applications that let their user choose. Where
   * the choice is one of all tabs, each of them has to make it.
   *
   * @param idleMs in milliseconds; absent: never by itself.
   * @throws `E_CONFIG` when it is no time that a timer can wait for. Nothing has changed then.
   */
  lockAfter(idleMs?: number): void;

  slots(): Promise<readonly SlotInfo[]>;

  /**
   * Adds a slot. The master key is not held in a form that could be wrapped again, so that one of the present slots has to
   * open it. There can be several passkeys, and one slot of every other kind. A slot that is added to that of a session
   * writes the vault, and takes the session's place.
   *
   * @throws `E_CONFLICT` when there is one of this kind, or this very passkey, already, or another tab has changed the slots
   * meanwhile. `E_INPUT` for a session, which no stored vault has.
   * @throws what {@link Vault.unlock} throws for `by`, and {@link Vault.create} for `slot`.
   */
  addSlot(slot: SlotMethod, options: { readonly by: SlotMethod }): Promise<SlotInfo>;

  /**
   * Removes a slot. Copies of it that were made before still open copies of the vault; see {@link Vault.rekey}.
   *
   * @throws `E_INPUT` when no other one could open the vault, or there is no such slot. Nothing is removed then.
   */
  removeSlot(id: string): Promise<void>;

  /**
   * Puts one passphrase in the place of another. No record is touched.
   *
   * @param options.rotate also makes a new master key and a new root key, see {@link Vault.rekey}; slots that need their
   * user or a worker are removed then, since they cannot be wrapped anew without them. A device slot stays.
   * @throws `E_PASSPHRASE` when `current` is not the present passphrase; `E_INPUT` when there is none.
   * @returns the slots that were removed.
   */
  changePassphrase(
    current: string,
    next: string,
    options?: { readonly rotate?: boolean },
  ): Promise<readonly SlotInfo[]>;

  /**
   * Makes a new master key with exactly these slots, and a new root key that seals and makes lookups from now on. What was
   * copied of the vault before is useless for everything sealed from now on, and for all of it once `rotateKeys()` has run
   * and the old root key is retired. All in one transaction: an interruption leaves the vault as it was, or as it is to be.
   *
   * Other tabs are locked by it.
   *
   * @param options.by one of the present slots.
   * @param options.slots a passkey among them stands for one of those that the vault has, which is asked again, if it has any.
   * @throws `E_CONFLICT` when another tab has changed the slots or the keys meanwhile; `E_INPUT` for no slot, two of one
   * kind that is not `passkey`, or a session beside others.
   * @returns the slots that are no more.
   */
  rekey(options: { readonly by: SlotMethod; readonly slots: readonly SlotMethod[] }): Promise<readonly SlotInfo[]>;

  /** The keys and their states. @throws `E_LOCKED` */
  keys(): readonly KeyInfo[];

  /**
   * Adds a root key, gives the other tabs a moment to get to know it, and then puts it to use: it seals and makes lookups
   * from now on. Run `rotateKeys()` afterwards to have older records sealed with it. A call that was interrupted is
   * continued by the next one, in whichever tab.
   *
   * @returns its id.
   * @throws `E_LOCKED`; `E_KEYRING` when the vault has 64 keys.
   */
  addKey(): Promise<string>;

  /**
   * Removes a root key for good, after a moment in which it is disabled.
   *
   * @throws `E_CONFLICT` while records still need it; the message says how many. `E_KEYRING` when it is in use. `E_LOCKED`.
   */
  retireKey(keyId: string): Promise<void>;

  /** What {@link Vault.reset} would delete. */
  loss(): Promise<VaultLoss>;

  /**
   * Deletes the vault with all its keys, then all records of the backend: "forget this device". Locks all tabs. The edge
   * half of a split slot is not destroyed by it; sign out there, or call its `destroy()`. What browsers keep on disk of
   * deleted data is not in our hands.
   */
  reset(): Promise<void>;

  /** Calls back for what happens here and in other tabs. @returns a function that ends it. */
  subscribe(listener: (event: VaultEvent) => void): () => void;

  /** Locks this tab alone and frees its timers, listeners and channel. A closed vault answers with `E_LOCKED`. */
  close(): void;
}
