import { slotInfo } from './slot-row.ts';
import type { VaultLoss } from './vault.ts';
import { vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';

const pageSize = 100;

/** See {@link Vault.loss}. */
export async function vaultLoss({ place }: VaultParts): Promise<VaultLoss> {
  const { slots } = vaultContent(await place.storage().read());
  return { records: await place.countRecords(), slots: slots.map(slotInfo) };
}

/** See {@link Vault.reset}. The keys first: without them the rest is rubbish, should this be interrupted. */
export async function resetVault({ place, backend, tell }: VaultParts): Promise<void> {
  await place.storageOf(false).update(() => ({ clear: true }));
  place.forget();
  const partitions = new Set<string>();
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await backend?.scan(pageSize, cursor === undefined ? {} : { cursor });
    for (const { partition } of page?.records ?? []) partitions.add(partition);
    cursor = page?.cursor;
  }
  for (const partition of partitions) await backend?.clear(partition);
  tell('reset');
}
