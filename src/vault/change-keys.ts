import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { type KeyringTransition, keyringAfter } from '../crypto/keyring-after.ts';
import { type NewRoot, newRoot, nextKeyringRow, type OpenKeys, openKeys } from './open-keys.ts';
import { refreshKeys } from './refresh-keys.ts';
import { vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';

/** How long other tabs get to read a key before it is used: as long as a busy page may be busy. */
const noticeMs = 300;
const attempts = 5;

/** See {@link Vault.addKey}. */
export async function addKey(parts: VaultParts): Promise<string> {
  const { row, wrappingKey } = await refreshKeys(parts);
  // one that is pending is of another tab, or of an attempt that was interrupted: two of them would be of no use
  let keyId = row.keys.find(({ status }) => status === 'pending')?.keyId;
  if (keyId === undefined) {
    const added = await newRoot(wrappingKey);
    keyId = added.keyId;
    await changeKeys(parts, { kind: 'add', keyId }, added);
  }
  await untilNoticed();
  await changeKeys(parts, { kind: 'promote', keyId });
  return keyId;
}

/** See {@link Vault.retireKey}. */
export async function retireKey(parts: VaultParts, keyId: string): Promise<void> {
  const { row } = await refreshKeys(parts);
  await requireUnused(parts, keyId);
  const isEnabled = row.keys.some((key) => key.keyId === keyId && key.status === 'enabled');
  if (isEnabled) {
    await changeKeys(parts, { kind: 'disable', keyId });
    await untilNoticed();
    // a tab that had not heard of the key in its place may have sealed with it until now
    await requireUnused(parts, keyId).catch(async (error: unknown) => {
      await changeKeys(parts, { kind: 'enable', keyId });
      throw error;
    });
  }
  await changeKeys(parts, { kind: 'remove', keyId });
}

async function requireUnused({ backend }: VaultParts, keyId: string): Promise<void> {
  let count = 0;
  for (const use of (await backend?.keyUse()) ?? []) {
    if (use.keyId === keyId || use.indexKeyId === keyId) count += use.records;
  }
  if (count > 0) {
    throw new TokenkeepError('E_CONFLICT', `records that still need key ${keyId}: ${count}; run rotateKeys() first`);
  }
}

const untilNoticed = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, noticeMs));

/** Makes one change of the keyring, over whatever other tabs have changed meanwhile. */
async function changeKeys(parts: VaultParts, transition: KeyringTransition, added?: NewRoot): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const keys = parts.lock.current();
    const state = keyringAfter(keys.row, transition);
    const { wrappingKey } = keys;
    const keyring = await nextKeyringRow(keys, { state, wrappingKey, ...(added && { added }) });
    const next = await openKeys(wrappingKey, keyring);
    parts.lock.current();
    if (await replaceRow(parts, keys, next)) return;
    if (attempt === attempts) {
      throw new TokenkeepError('E_CONFLICT', 'another tab keeps changing the keys of the vault; try again');
    }
    await refreshKeys(parts);
  }
}

/** @returns `false` when another tab was faster. */
async function replaceRow({ place, lock, tell }: VaultParts, before: OpenKeys, next: OpenKeys): Promise<boolean> {
  let isCurrent = true;
  await place.storage().update((stored) => {
    const { storeId, revision } = vaultContent(stored).keyring();
    isCurrent = storeId === before.row.storeId && revision === before.row.revision;
    return isCurrent ? { keyring: next.row } : {};
  });
  if (!isCurrent) return false;
  lock.replace(next);
  tell('keys-changed');
  return true;
}
