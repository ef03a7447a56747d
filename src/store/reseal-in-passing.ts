import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { SealedCollection } from './sealed-collection.ts';

/**
 * Seals a record that was just read with new keys, when it needs them and the backend can do so without losing what somebody else
 * writes meanwhile. A record that somebody is renewing is left to him: he will write it in a moment. What fails here leaves
 * the record as it was, and fails no read.
 *
 * @returns the revision that is stored now; `undefined` when somebody else has written meanwhile.
 * @throws `E_LOCKED` when the keyring is locked.
 */
export async function resealInPassing(
  backend: RecordBackend,
  sealed: SealedCollection,
  record: KeptRecord,
): Promise<number | undefined> {
  const { revision, claim } = record;
  if (!(await sealed.isOutdated(record)) || claim.heldMs > 0 || !backend.capabilities.compareAndSet) return revision;
  try {
    const renewed = await sealed.reseal(record);
    const outcome = await backend.put(renewed, { revision });
    await sealed.isOutdated(renewed); // throws when the keyring was locked meanwhile
    return outcome === 'stored' ? renewed.revision : undefined;
  } catch (error) {
    if (error instanceof TokenkeepError && error.code === 'E_LOCKED') throw error;
    return revision;
  }
}
