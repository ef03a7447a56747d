import type { Keyring } from '../core/keyring.ts';
import type { KeyUse } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * Refuses a keyring that belongs to something else, before anything is done with it.
 *
 * @param uses of all records.
 * @throws `E_KEY_UNKNOWN` or `E_KEY_DISABLED` when the keyring opens none of the records, though there are some.
 */
export function checkKeysFit(keyring: Keyring, uses: readonly KeyUse[]): void {
  const statusOf = new Map(keyring.info().map(({ keyId, status }) => [keyId, status]));
  const statuses = uses.map(({ keyId }) => statusOf.get(keyId));
  if (uses.length === 0 || statuses.some((status) => status === 'enabled' || status === 'pending')) return;
  if (statuses.includes('disabled')) {
    throw new TokenkeepError(
      'E_KEY_DISABLED',
      'the keys of all records are disabled in this keyring; enable them first',
    );
  }
  throw new TokenkeepError(
    'E_KEY_UNKNOWN',
    'this keyring has no key of any record that is there, and nothing was changed; take the keyring that belongs to them',
  );
}
