import type { Bytes } from '../core/bytes.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { EdgeKeyHalf } from './edge-key-half.ts';
import { keptSecret, newKeptSecret } from './kept-secret.ts';
import type { SlotMethod } from './slot-method.ts';

/**
 * Opens the vault for whoever uses this browser profile while he is signed in at a worker: half of the key is a random key in
 * IndexedDB, as with `deviceSlot()`, and the worker has the other half. A copy of the browser's files is useless without the
 * session, and whatever ends the session locks the vault for good.
 *
 * @param edge fetches the worker's half: `edgeKeyHalf()`. What it throws is passed on.
 */
export function splitSlot(edge: EdgeKeyHalf): SlotMethod {
  return {
    kind: 'split',
    async enrol() {
      const salt = await halfOf(edge);
      const ikm = await newKeptSecret();
      return { ikm, secret: ikm, salt };
    },
    async recall(context) {
      const found = keptSecret(context);
      return { ...found, salt: await edge.fetch() };
    },
    mismatch: () =>
      new TokenkeepError(
        'E_NO_ROOT',
        'the worker has another half of the key than before; open the vault in another way, or reset it',
      ),
  };
}

/** One half serves any number of slots: one that is there is of another tab, or of an attempt that was interrupted. */
async function halfOf(edge: EdgeKeyHalf): Promise<Bytes> {
  try {
    return await edge.create();
  } catch (error) {
    if (error instanceof TokenkeepError && error.code === 'E_CONFLICT') return edge.fetch();
    throw error;
  }
}
