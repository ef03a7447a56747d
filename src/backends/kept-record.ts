import type { Bytes } from '../core/bytes.ts';
import type { ClaimState, KeptRecord, LookupField, StoredRecord } from '../core/record-backend.ts';

/** A record as a database returned it, with whatever types the database, or somebody who altered it, gave the values. */
export type RawRecord = { readonly [F in Exclude<keyof StoredRecord, 'lookups'>]: unknown } & {
  readonly lookups: { readonly [F in LookupField]?: unknown };
  /** Absent where the database has no claims. */
  readonly claim?: { readonly [F in keyof ClaimState]: unknown };
};

const fields: readonly LookupField[] = ['userName', 'accessToken', 'refreshToken', 'grantToken'];

/**
 * The record that a database returned, with the types that the port promises. A value of another type becomes empty, which
 * no seal accepts: one altered row spoils neither a listing nor the process.
 */
export function keptRecord(raw: RawRecord): KeptRecord {
  const lookups: { [F in LookupField]?: Bytes } = {};
  for (const field of fields) {
    const value = raw.lookups[field];
    if (value !== undefined && value !== null) lookups[field] = bytes(value);
  }
  const { owner, heldMs, coolingMs } = raw.claim ?? {};
  return {
    partition: text(raw.partition),
    id: text(raw.id),
    revision: count(raw.revision),
    identity: bytes(raw.identity),
    lookups,
    keyId: text(raw.keyId),
    indexKeyId: text(raw.indexKeyId),
    expiresAt: count(raw.expiresAt),
    dueAt: count(raw.dueAt),
    sealed: bytes(raw.sealed),
    claim: { owner: text(owner), heldMs: duration(heldMs), coolingMs: duration(coolingMs) },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;
}

function duration(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** Taken over, not copied: every database hands out bytes of its own. KV does so as an `ArrayBuffer`. */
function bytes(value: unknown): Bytes {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value instanceof Uint8Array ? (value as Bytes) : new Uint8Array();
}
