import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { SealedKeyUse } from './sealed-key.ts';
import { openSlot } from './slot-blob.ts';
import type { RecalledSecret, SlotKind, SlotMethod } from './slot-method.ts';
import type { VaultContent } from './vault-content.ts';

/** A slot that was opened, with the master key in it. */
export interface RecalledSlot extends RecalledSecret {
  readonly masterKey: WebCryptoKey;
}

/**
 * Opens one of the slots of a vault. The keyring is read before the user is asked for anything.
 *
 * @throws what {@link Vault.unlock} throws.
 */
export async function recallSlot(
  method: SlotMethod,
  content: Pick<VaultContent, 'keyring' | 'slots' | 'damaged'>,
  use: SealedKeyUse,
): Promise<RecalledSlot> {
  const { storeId } = content.keyring();
  const rows = content.slots.filter(({ kind }) => kind === method.kind);
  if (rows.length === 0) throw noSlot(method.kind, content.damaged.includes(method.kind));
  const secret = await method.recall({ storeId, rows });
  const masterKey = await openSlot(method.kind, secret.row.blob, secret, use);
  if (masterKey === undefined) throw method.mismatch();
  return { ...secret, masterKey };
}

function noSlot(kind: SlotKind, isDamaged: boolean): TokenkeepError {
  if (isDamaged) {
    return new TokenkeepError('E_FORMAT', `the stored ${kind} slot is malformed; open the vault in another way`);
  }
  return new TokenkeepError(
    kind === 'passkey' ? 'E_PASSKEY' : 'E_INPUT',
    `the vault has no ${kind} slot; open it in another way`,
  );
}
