import { type OpenKeys, openKeys } from './open-keys.ts';
import { vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';

/**
 * Reads the keyring again, and takes what another tab has changed. When the master key is another one, or the vault is gone, this
 * tab is locked: its keys are not those of the vault any more.
 *
 * @throws `E_LOCKED` when the vault is locked, or is so now; `E_STORAGE` when it cannot be read.
 */
export async function refreshKeys({ place, lock }: Pick<VaultParts, 'place' | 'lock'>): Promise<OpenKeys> {
  const keys = lock.current();
  const times = lock.times();
  const content = vaultContent(await place.storage().read());
  const later = await laterKeys(keys, content).catch(() => undefined);
  if (later !== undefined) lock.replace(later);
  else if (lock.times() === times) lock.lock('asked');
  return lock.current();
}

/** @throws unless the row that is stored is one that follows the present one. */
async function laterKeys(keys: OpenKeys, content: ReturnType<typeof vaultContent>): Promise<OpenKeys | undefined> {
  const row = content.keyring();
  if (row.storeId !== keys.row.storeId || row.revision < keys.row.revision) return undefined;
  return row.revision === keys.row.revision ? keys : openKeys(keys.wrappingKey, row);
}
