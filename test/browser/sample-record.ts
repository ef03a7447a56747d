import type { KeptRecord, StoredRecord } from '../../src/core/record-backend.ts';

/** Sixteen random bytes. */
export const value = () => crypto.getRandomValues(new Uint8Array(16));

/** A record of revision 1 with every lookup. */
export function sampleRecord(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  const lookups = { userName: value(), accessToken: value(), refreshToken: value(), grantToken: value() };
  const record = { partition: 'default/tokens', id, revision: 1, identity: value(), lookups, keyId: 'aaaaaaaa' };
  return { ...record, indexKeyId: 'bbbbbbbb', expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}

/** The record as a backend returns it when nobody claims it. */
export function kept(record: StoredRecord): KeptRecord {
  return { ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } };
}
