import type { Bytes } from '../core/bytes.ts';
import { fromHex } from '../core/hex.ts';
import type { KeyringState, KeyStatus } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { concat } from '../crypto/concat.ts';
import { uint } from '../crypto/uint.ts';

/** The keyring as it is stored: everything but the wrapped roots is in the clear, and authenticated by each of them. */
export interface KeyringRow extends KeyringState {
  readonly version: 1;
  /** Random, made with the vault: 32 hexadecimal digits. */
  readonly storeId: string;
  /** Counts the changes of the keyring, from 1. */
  readonly revision: number;
  readonly keys: readonly WrappedKey[];
}

/** A root key as it is stored. */
export interface WrappedKey {
  readonly keyId: string;
  readonly status: KeyStatus;
  /** 66 bytes (docs/storage-format.md). */
  readonly wrapped: Bytes;
}

/** How many keys a vault may have. */
export const mostKeys = 64;

const wrappedLength = 66;
const statusBytes: { readonly [S in KeyStatus]: number } = { pending: 0, enabled: 1, disabled: 2 };

/**
 * Reads what is stored in place of a keyring. The database is not believed: the result is of the right form, and no more.
 *
 * @throws `E_FORMAT`, or `E_VERSION` for a row of a later release.
 */
export function readKeyringRow(value: unknown): KeyringRow {
  const row = (typeof value === 'object' && value !== null ? value : {}) as { readonly [name: string]: unknown };
  const { version, storeId, revision, primary, index, keys } = row;
  if (typeof version === 'number' && version > 1) {
    throw new TokenkeepError('E_VERSION', 'the vault was made by a later release; update tokenkeep to open it');
  }
  if (
    version === 1 &&
    isHex(storeId, 32) &&
    isHex(primary, 8) &&
    isHex(index, 8) &&
    Number.isSafeInteger(revision) &&
    (revision as number) > 0 &&
    Array.isArray(keys) &&
    keys.length <= mostKeys &&
    keys.every(isWrappedKey)
  ) {
    return { version, storeId, revision: revision as number, primary, index, keys };
  }
  throw new TokenkeepError('E_FORMAT', 'the stored keys of the vault are malformed; restore or reset the vault');
}

function isWrappedKey(value: unknown): value is WrappedKey {
  const { keyId, status, wrapped } = (value ?? {}) as { readonly [name: string]: unknown };
  return (
    isHex(keyId, 8) &&
    typeof status === 'string' &&
    Object.hasOwn(statusBytes, status) &&
    wrapped instanceof Uint8Array &&
    wrapped.length === wrappedLength
  );
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value);
}

/** All that a row says in the clear, as bytes: the wrapped roots authenticate it. */
export function keyringRowState({ storeId, revision, primary, index, keys }: Omit<KeyringRow, 'version'>): Bytes {
  return concat(
    fromHex(storeId),
    uint(revision, 8),
    fromHex(primary),
    fromHex(index),
    uint(keys.length, 2),
    ...keys.flatMap(({ keyId, status }) => [fromHex(keyId), statusBytes[status]]),
  );
}
