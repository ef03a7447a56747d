import type { Keyring } from '../core/keyring.ts';
import type { RecordKeys } from '../core/record-backend.ts';

/**
 * Whether a record needs new keys: it has others than new records get, and none that is still pending here.
 *
 * A key that is pending in this setting may be in use already where a newer setting is: an isolate with the old one would
 * otherwise seal back what the others have sealed with the new key, and they would do so in turn.
 *
 * @throws `E_LOCKED` when the keyring is locked.
 */
export function isOutdated({ keyId, indexKeyId }: RecordKeys, keyring: Keyring): boolean {
  const isCurrent = keyId === keyring.sealingRoot().keyId && indexKeyId === keyring.indexRoots()[0].keyId;
  return (
    !isCurrent && !keyring.info().some((key) => key.status === 'pending' && [keyId, indexKeyId].includes(key.keyId))
  );
}
