import type { Keyring } from '../core/keyring.ts';
import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { isOutdated } from './is-outdated.ts';
import { type ResealOutcome, resealRecords } from './reseal-records.ts';

/** One page of records that needed new keys. */
export interface ResealedPage {
  readonly records: readonly (readonly [record: KeptRecord, outcome: ResealOutcome])[];
  /** Where the next page begins; absent after the last one. */
  readonly cursor?: string;
}

/**
 * Seals one page of the records that need new keys with those: one scan, and one write.
 *
 * @throws `E_LOCKED`, `E_STORAGE` and `E_QUOTA`. Any of the records may be written then.
 */
export async function resealPage(
  backend: RecordBackend,
  keyring: Keyring,
  limit: number,
  cursor?: string,
): Promise<ResealedPage> {
  const except = { keyId: keyring.sealingRoot().keyId, indexKeyId: keyring.indexRoots()[0].keyId };
  const page = await backend.scan(limit, cursor === undefined ? { except } : { except, cursor });
  const outdated = page.records.filter((record) => isOutdated(record, keyring));
  const outcomes = await resealRecords(backend, keyring, outdated);
  const records = outdated.map((record, i) => [record, outcomes[i] as ResealOutcome] as const);
  return page.cursor === undefined ? { records } : { records, cursor: page.cursor };
}
