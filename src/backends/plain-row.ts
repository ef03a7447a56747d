import { fromBase64url, toBase64url } from '../core/base64url.ts';
import { type Claim, claimState } from '../core/claim.ts';
import type { KeptRecord, LookupField, StoredRecord } from '../core/record-backend.ts';
import { keptClaim } from './kept-claim.ts';
import { keptRecord } from './kept-record.ts';

/**
 * A record beside its claim, as texts and numbers alone: `JSON.stringify` takes it as it is. Bytes are base64url without
 * padding. What the fields mean says {@link StoredRecord}; the tokens in it are sealed.
 */
export interface PlainRow extends Omit<StoredRecord, 'identity' | 'lookups' | 'sealed'> {
  readonly identity: string;
  readonly lookups: { readonly [F in LookupField]?: string };
  readonly sealed: string;
  /** Who renews the token; absent when nobody does and nothing is known of earlier renewals. */
  readonly claim?: Claim;
}

/** The row of a record that nobody has claimed. It shares nothing with the record, whose bytes somebody may change later. */
export function plainRow(record: StoredRecord): PlainRow {
  const { partition, id, revision, identity, lookups, keyId, indexKeyId, expiresAt, dueAt, sealed } = record;
  return {
    partition,
    id,
    revision,
    identity: toBase64url(identity),
    lookups: Object.fromEntries(Object.entries(lookups).map(([field, value]) => [field, toBase64url(value)])),
    keyId,
    indexKeyId,
    expiresAt,
    dueAt,
    sealed: toBase64url(sealed),
  };
}

/**
 * The record that a row holds, with its claim as it stands at `now`. Whoever can write the rows can put anything there: what
 * is no base64url becomes no bytes, which no seal accepts.
 */
export function recordFromPlain(row: PlainRow, now: number): KeptRecord {
  const lookups = Object.entries(row.lookups ?? {}).map(([field, value]) => [field, bytes(value)]);
  return keptRecord({
    ...row,
    identity: bytes(row.identity),
    lookups: Object.fromEntries(lookups),
    sealed: bytes(row.sealed),
    claim: claimState(keptClaim(row.claim), now),
  });
}

/** Whether a value can be told from other rows: by a partition and an id that are texts. */
export function isPlainRow(value: unknown): value is PlainRow {
  const { partition, id } = Object(value) as { readonly [F in string]?: unknown };
  return typeof partition === 'string' && typeof id === 'string';
}

function bytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromBase64url(value) : undefined;
}
