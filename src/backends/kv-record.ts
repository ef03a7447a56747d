import { fromBase64url, toBase64url } from '../core/base64url.ts';
import type { KeptRecord, StoredRecord } from '../core/record-backend.ts';
import { keptRecord } from './kept-record.ts';

/** Everything of a record but its name and its sealed bytes, as KV keeps it beside the value: about 400 of 1,024 bytes. */
export function kvMetadata(record: StoredRecord): Readonly<Record<string, unknown>> {
  const { revision, identity, lookups, keyId, indexKeyId, expiresAt, dueAt } = record;
  return {
    revision,
    keyId,
    indexKeyId,
    expiresAt,
    dueAt,
    identity: toBase64url(identity),
    lookups: Object.fromEntries(Object.entries(lookups).map(([field, value]) => [field, toBase64url(value)])),
  };
}

/** The record that a key, its metadata and its value make; a listing has no value. KV has no claims. */
export function recordFromKv(
  name: { readonly partition: string; readonly id: string },
  metadata: unknown,
  sealed?: ArrayBuffer,
): KeptRecord {
  const { revision, keyId, indexKeyId, expiresAt, dueAt, identity, lookups } = object(metadata);
  return keptRecord({
    ...name,
    revision,
    keyId,
    indexKeyId,
    expiresAt,
    dueAt,
    identity: bytes(identity),
    lookups: Object.fromEntries(Object.entries(object(lookups)).map(([field, value]) => [field, bytes(value)])),
    sealed,
  });
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function bytes(value: unknown): unknown {
  return typeof value === 'string' ? fromBase64url(value) : undefined;
}
