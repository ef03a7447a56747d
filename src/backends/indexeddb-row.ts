import type { Bytes } from '../core/bytes.ts';
import { type Claim, unclaimed } from '../core/claim.ts';
import type { KeptRecord, StoredRecord } from '../core/record-backend.ts';
import { copyRecord } from './copy-record.ts';
import { keptRecord } from './kept-record.ts';

/** A record as IndexedDB stores it: the lookups as the entries of their index, and the claim beside them. */
export type IndexedDbRow = Omit<StoredRecord, 'lookups' | 'expiresAt'> & {
  /** Absent for never: its index then has no entry to write. */
  readonly expiresAt?: number;
  readonly lookups: readonly (readonly [partition: string, field: string, value: Bytes])[];
  readonly claim: Claim;
};

/** The row of a record. */
export function indexedDbRow(record: StoredRecord, claim: Claim = unclaimed): IndexedDbRow {
  const { lookups, expiresAt, ...rest } = copyRecord(record);
  const entries = Object.entries(lookups).map(([field, value]) => [record.partition, field, value] as const);
  return { ...rest, ...(expiresAt > 0 && { expiresAt }), lookups: entries, claim };
}

/** The record that a row holds. */
export function recordFromIndexedDb({ lookups, claim, expiresAt, ...rest }: IndexedDbRow): KeptRecord {
  // whoever can write the database can put anything there: what is no entry is none, and the seal decides on the rest
  const listed: readonly unknown[] = Array.isArray(lookups) ? lookups : [];
  const entries = listed.flatMap((entry) => (Array.isArray(entry) ? [[String(entry[1]), entry[2]]] : []));
  return keptRecord({
    ...rest,
    expiresAt,
    lookups: Object.fromEntries(entries),
    claimUntil: claim?.until,
    retryAt: claim?.retryAt,
  });
}
