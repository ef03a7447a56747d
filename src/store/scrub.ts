import type { Keyring } from '../core/keyring.ts';
import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import type { ErrorCode } from '../core/tokenkeep-error.ts';
import { findMismatch, type Mismatch } from './find-mismatch.ts';
import { requireWholeRun } from './require-whole-run.ts';
import { resealRecords } from './reseal-records.ts';
import type { CodeCounts } from './rotation-progress.ts';

/** What {@link scrub} needs. */
export interface ScrubOptions {
  readonly backend: RecordBackend;
  readonly keyring: Keyring | PromiseLike<Keyring>;
  /** How many records are read and checked at once. Default 100. */
  readonly batchSize?: number;
  /** Ends the run after the batch under way: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told the same as what is yielded. */
  readonly onProgress?: (progress: ScrubProgress) => void;
  /**
   * Whether records that open, and are only wrong in what they say in the clear, are sealed anew. Default `false`, and nothing is
   * written.
   */
  readonly repair?: boolean;
  /** For a repair where the backend has no compare-and-set, such as KV: see `RotationOptions.soleWriter`. Default `false`. */
  readonly soleWriter?: boolean;
}

/** A record with which something is wrong. */
export interface ScrubFinding extends Mismatch {
  /** Tenant and collection, as the database has them. */
  readonly partition: string;
  /** As the database has it: whoever could alter the database chose it, so that it is no text to be trusted or interpreted. */
  readonly id: string;
  /** Whether it is sound now. Somebody who wrote to it meanwhile comes first. */
  readonly repaired: boolean;
}

/** How far a scrub has come. */
export interface ScrubProgress {
  /** How many records there were when the run began. */
  readonly total: number;
  readonly checked: number;
  /** What was found so far, by code. */
  readonly found: CodeCounts;
  readonly repaired: number;
  /** What this batch has brought to light. */
  readonly findings: readonly ScrubFinding[];
}

/**
 * Opens every record of every tenant and collection, and compares what stands in the clear with what is sealed: the id of the key,
 * the identity and the lookups. Yields after each batch what it has found. Changes nothing unless told to repair, and never deletes
 * anything: what does not open can be restored from a backup only.
 *
 * Meant for a keyring that has all the keys. Concurrency: may run beside everything else.
 *
 * @throws `E_INPUT` when the batch size is no positive whole number; `E_UNSUPPORTED` when a repair cannot be conditional;
 * `E_LOCKED` when the keyring is locked; `E_STORAGE` or `E_QUOTA` when the database fails.
 */
export async function* scrub(options: ScrubOptions): AsyncGenerator<ScrubProgress, void, undefined> {
  const { backend, batchSize = 100, signal, onProgress, repair = false, soleWriter = false } = options;
  requireWholeRun(backend, batchSize, soleWriter || !repair);
  const keyring = await options.keyring;
  const total = (await backend.keyUse()).reduce((sum, { records }) => sum + records, 0);
  const found: { [C in ErrorCode]?: number } = {};
  let [checked, repaired] = [0, 0];
  let cursor: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await backend.scan(batchSize, cursor === undefined ? {} : { cursor });
    const findings = await findingsIn(page.records, backend, keyring, repair);
    checked += page.records.length;
    for (const { code, repaired: isRepaired } of findings) {
      found[code] = (found[code] ?? 0) + 1;
      if (isRepaired) repaired++;
    }
    cursor = page.cursor;
    const progress = { total, checked, found: { ...found }, repaired, findings };
    onProgress?.(progress);
    yield progress;
  } while (cursor !== undefined);
}

async function findingsIn(
  records: readonly KeptRecord[],
  backend: RecordBackend,
  keyring: Keyring,
  repair: boolean,
): Promise<readonly ScrubFinding[]> {
  const mismatches = await Promise.all(records.map((record) => findMismatch(keyring, record)));
  const wrong = records.flatMap((record, i) => {
    const mismatch = mismatches[i];
    return mismatch === undefined ? [] : [{ record, mismatch }];
  });
  const repairable = repair ? wrong.filter(({ mismatch }) => mismatch.fields.length > 0) : [];
  const outcomes = await resealRecords(
    backend,
    keyring,
    repairable.map(({ record }) => record),
    true,
  );
  return wrong.map((one) => {
    const { partition, id } = one.record;
    return { partition, id, ...one.mismatch, repaired: outcomes[repairable.indexOf(one)] === 'resealed' };
  });
}
