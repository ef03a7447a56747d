import type { Keyring, KeyringState, RootKey, WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { createKeyring } from '../crypto/create-keyring.ts';
import { rootKey } from '../crypto/root-key.ts';
import { type KeyringRow, keyringRowState, mostKeys } from './keyring-row.ts';
import { generateSealableKey } from './sealed-key.ts';
import { unwrapRoot, wrapRoot } from './wrapped-root.ts';

/** What an unlocked vault holds. */
export interface OpenKeys {
  readonly row: KeyringRow;
  /** Wraps and unwraps the roots of this row. */
  readonly wrappingKey: WebCryptoKey;
  readonly keyring: Keyring;
}

/** A root key that no row holds yet. */
export interface NewRoot {
  readonly keyId: string;
  /** Can be wrapped, and nothing else. */
  readonly key: WebCryptoKey;
}

/**
 * The keyring of a row. Two Web Crypto calls for each root.
 *
 * @throws `E_AUTH` when anything of the row was altered, or it belongs to another master key.
 */
export async function openKeys(wrappingKey: WebCryptoKey, row: KeyringRow): Promise<OpenKeys> {
  const state = keyringRowState(row);
  const roots = [];
  for (const { keyId, status, wrapped } of row.keys) {
    const root: RootKey = await rootKey(await unwrapRoot(wrappingKey, state, keyId, wrapped, 'open'));
    if (root.keyId !== keyId) {
      throw new TokenkeepError(
        'E_AUTH',
        'a key of the vault is not the one it is stored as; restore or reset the vault',
      );
    }
    roots.push({ ...root, status });
  }
  return { row, wrappingKey, keyring: createKeyring({ roots, primary: row.primary, primaryIndex: row.index }) };
}

/** Makes a root key. Four Web Crypto calls: its id can be derived only of a key that was wrapped before. */
export async function newRoot(wrappingKey: WebCryptoKey): Promise<NewRoot> {
  const key = await generateSealableKey();
  const none = new Uint8Array();
  const wrapped = await wrapRoot(wrappingKey, none, '00000000', key);
  return { key, keyId: (await rootKey(await unwrapRoot(wrappingKey, none, '00000000', wrapped, 'open'))).keyId };
}

/** Which keys a row is to hold, and under which master key. */
export interface NextKeys {
  readonly state: KeyringState;
  readonly wrappingKey: WebCryptoKey;
  /** The root that the row before did not have. */
  readonly added?: NewRoot;
}

/**
 * The row after a change. All roots are wrapped anew, since each authenticates the whole state: two Web Crypto calls for each.
 *
 * @param from the row before, and the key that unwraps its roots.
 * @throws `E_KEYRING` when there would be too many keys.
 */
export async function nextKeyringRow(
  from: Pick<OpenKeys, 'row' | 'wrappingKey'>,
  { state, wrappingKey, added }: NextKeys,
): Promise<KeyringRow> {
  if (state.keys.length > mostKeys) {
    throw new TokenkeepError('E_KEYRING', 'the vault has too many keys; rotate, then retire old ones');
  }
  const { version, storeId, revision } = from.row;
  const before = keyringRowState(from.row);
  const next = { version, storeId, revision: revision + 1, primary: state.primary, index: state.index };
  const after = keyringRowState({ ...next, keys: state.keys as KeyringRow['keys'] });
  const keys = [];
  for (const { keyId, status } of state.keys) {
    const wrapped = from.row.keys.find((key) => key.keyId === keyId)?.wrapped;
    const root =
      wrapped === undefined
        ? (added as NewRoot).key
        : await unwrapRoot(from.wrappingKey, before, keyId, wrapped, 'wrap');
    keys.push({ keyId, status, wrapped: await wrapRoot(wrappingKey, after, keyId, root) });
  }
  return { ...next, keys };
}
