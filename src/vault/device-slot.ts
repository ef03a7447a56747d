import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { keptSecret, newKeptSecret } from './kept-secret.ts';
import type { SlotMethod } from './slot-method.ts';

/**
 * Opens the vault for whoever uses this browser profile: by a random key that IndexedDB keeps, and that script can use and not
 * read. Nobody is asked for anything.
 *
 * It guards against reading stored data elsewhere, and against taking the key away with a script. Whoever copies the browser's
 * files has the key: browsers write it into them as it is.
 */
export function deviceSlot(): SlotMethod {
  return {
    kind: 'device',
    async enrol() {
      const ikm = await newKeptSecret();
      return { ikm, secret: ikm };
    },
    recall: async (context) => keptSecret(context),
    mismatch: () =>
      new TokenkeepError('E_AUTH', 'the key of this browser was replaced; open the vault in another way, or reset it'),
  };
}
