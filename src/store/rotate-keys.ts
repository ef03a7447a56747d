import type { Keyring } from '../core/keyring.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import { isOutdated } from './is-outdated.ts';
import { requireWholeRun } from './require-whole-run.ts';
import { resealPage } from './reseal-page.ts';
import { type RotationProgress, RotationTally } from './rotation-progress.ts';

/** What {@link rotateKeys} needs. */
export interface RotationOptions {
  readonly backend: RecordBackend;
  /** With the new key as its primary one (or as its index key), and the old one still enabled. */
  readonly keyring: Keyring | PromiseLike<Keyring>;
  /** How many records are worked on at once and written together. Default 100. */
  readonly batchSize?: number;
  /** Ends the run after the batch under way: it rejects with the signal's reason. What is done is done, and a later run continues. */
  readonly signal?: AbortSignal;
  /** Told the same as what is yielded. */
  readonly onProgress?: (progress: RotationProgress) => void;
  /**
   * For a backend without compare-and-set, such as KV: the promise that nobody else writes to it until the rotation has
   * ended. Whoever does so all the same may lose what he wrote, a refresh token for example. Default `false`.
   */
  readonly soleWriter?: boolean;
}

/**
 * Seals every record that needs new keys with those that new records get, in all tenants and collections, batch by batch,
 * and yields after each of them, until a pass over all records finds none that it could change. Content, expiry and claims stay;
 * the revision rises by one. Do so after `changeKeyring()` has promoted a key and everybody has the new setting.
 *
 * There is no state but the records themselves: wherever a run ends, each record is either as it was or sealed anew, all of
 * them can be read, and the next run does the rest. Runs may overlap with each other and with everything else.
 * A record that does not open is counted and left as it is.
 *
 * The old key may be disabled when `backend.keyUse()` shows no record with it, and removed when no backup needs it any more.
 *
 * @throws `E_UNSUPPORTED` when the backend has no compare-and-set, unless {@link RotationOptions.soleWriter} is promised.
 * @throws `E_INPUT` when the batch size is no positive whole number; `E_LOCKED` when the keyring is locked; `E_STORAGE`
 * or `E_QUOTA` when the database fails.
 */
export async function* rotateKeys(options: RotationOptions): AsyncGenerator<RotationProgress, void, undefined> {
  const { backend, batchSize = 100, signal, onProgress, soleWriter = false } = options;
  requireWholeRun(backend, batchSize, soleWriter);
  const keyring = await options.keyring;
  const uses = await backend.keyUse();
  const tally = new RotationTally(uses.reduce((sum, use) => sum + (isOutdated(use, keyring) ? use.records : 0), 0));
  let again: boolean;
  do {
    let cursor: string | undefined;
    do {
      signal?.throwIfAborted();
      const page = await resealPage(backend, keyring, batchSize, cursor);
      for (const [record, outcome] of page.records) tally.add(record, outcome);
      cursor = page.cursor;
      again = cursor === undefined && tally.endPass();
      const progress = tally.progress();
      onProgress?.(progress);
      yield progress;
    } while (cursor !== undefined);
    // a backend that shows what was there before would have the only writer do the same again and again
  } while (again && backend.capabilities.strongReads);
}
