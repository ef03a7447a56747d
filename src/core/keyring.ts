/** A Web Crypto key. Named through the global `crypto`, which the types of browsers, Workers and Node all declare. */
export type WebCryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A root key and the id derived from it. */
export interface RootKey {
  /** Eight hexadecimal digits, derived from the key itself. */
  readonly keyId: string;
  /** 32 random bytes as a non-extractable HKDF key. */
  readonly key: WebCryptoKey;
}

/**
 * Where the root keys live. Every method answers at once, from keys that are already imported.
 *
 * A keyring may be locked at any moment (see the vault): each of the first three methods then throws `E_LOCKED`. Whoever works
 * with a key over several turns therefore asks for it again before it hands out what it opened.
 *
 * Keys are never in an error, a log or a `console` preview; `info()` is what may be printed.
 */
export interface Keyring {
  /** The root that seals new records. */
  sealingRoot(): RootKey;
  /**
   * The root that sealed a record.
   *
   * @throws `E_KEY_UNKNOWN` when the keyring does not have it, `E_KEY_DISABLED` when it may not open records any more.
   */
  openingRoot(keyId: string): RootKey;
  /** The roots that lookups may have been made with: the one that new lookups are made with first. */
  indexRoots(): readonly [RootKey, ...RootKey[]];
  /** Key ids and states. Holds no secret. */
  info(): readonly KeyInfo[];
  /**
   * Reads the keys again where somebody else may have added one, such as another tab. Called once when a record names a key
   * that is not there. Absent where the keys cannot change.
   *
   * @throws `E_LOCKED` when the keys are locked away.
   */
  refresh?(): Promise<void>;
}

/**
 * - `pending`: opens and is looked up, does not seal yet.
 * - `enabled`: opens and is looked up; the primary one of these seals.
 * - `disabled`: neither. Refused until it is enabled again or destroyed.
 */
export type KeyStatus = 'pending' | 'enabled' | 'disabled';

/** The keys of a keyring and which of them are in use: everything about it that is no secret. */
export interface KeyringState {
  /** The id of the key that seals. */
  readonly primary: string;
  /** The id of the key that makes lookups. */
  readonly index: string;
  readonly keys: readonly { readonly keyId: string; readonly status: KeyStatus }[];
}

/** What may be printed about a key. */
export interface KeyInfo {
  readonly keyId: string;
  readonly status: KeyStatus;
  /** Whether this key seals new records. */
  readonly primary: boolean;
  /** Whether this key makes new lookups. */
  readonly primaryIndex: boolean;
}
