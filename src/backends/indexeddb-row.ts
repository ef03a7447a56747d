import type { Bytes } from '../core/bytes.ts';
import { type Claim, claimState, unclaimed } from '../core/claim.ts';
import type { KeptRecord, StoredRecord } from '../core/record-backend.ts';
import { copyRecord } from './copy-record.ts';
import { keptClaim } from './kept-claim.ts';
import { keptRecord } from './kept-record.ts';

/** A record as IndexedDB stores it: the lookups as the entries of their index, and the claim beside them. */
export type IndexedDbRow = Omit<StoredRecord, 'lookups' | 'expiresAt' | 'dueAt'> & {
  /** Absent for never: its index then has no entry to write. */
  readonly expiresAt?: number;
  /** Absent from rows that were written before there was one. */
  readonly dueAt?: number;
  readonly lookups: readonly (readonly [partition: string, field: string, value: Bytes])[];
  readonly claim: Claim;
};

/** The row of a record. */
export function indexedDbRow(record: StoredRecord, claim: Claim = unclaimed): IndexedDbRow {
  const { lookups, expiresAt, ...rest } = copyRecord(record);
  const entries = Object.entries(lookups).map(([field, value]) => [record.partition, field, value] as const);
  return { ...rest, ...(expiresAt > 0 && { expiresAt }), lookups: entries, claim };
}

/** The record that a row holds, as it stands with its claim at `now`. */
export function recordFromIndexedDb(row: IndexedDbRow, now: number): KeptRecord {
  const { lookups, expiresAt, dueAt, ...rest } = row;
  // whoever can write the database can put anything there: what is no entry is none, and the seal decides on the rest
  const listed: readonly unknown[] = Array.isArray(lookups) ? lookups : [];
  const entries = listed.flatMap((entry) => (Array.isArray(entry) ? [[String(entry[1]), entry[2]]] : []));
  const claim = claimState(claimOf(row), now);
  return keptRecord({ ...rest, expiresAt, dueAt, lookups: Object.fromEntries(entries), claim });
}

/**
 * The claim on a row. Earlier ones did not count attempts, but named the revisions that the last two were for: those for
 * the present revision are in doubt.
 */
export function claimOf({ claim, revision }: IndexedDbRow): Claim {
  const { attempts, ...doubts } = Object(claim) as { readonly [F in string]?: unknown };
  const earlier = [doubts.revision, doubts.previous].filter((attempted) => attempted === revision).length;
  return { ...keptClaim(claim), ...(attempts === undefined && { attempts: earlier }) };
}
