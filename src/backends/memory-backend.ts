import { equalBytes } from '../core/bytes.ts';
import { type Claim, claimed, claimState, released, unclaimed, written } from '../core/claim.ts';
import type { KeptRecord, RecordBackend, StoredRecord } from '../core/record-backend.ts';
import { copyRecord } from './copy-record.ts';
import { dueRows } from './due-rows.ts';
import { heldValue } from './held-value.ts';
import { recordPage } from './record-page.ts';

/** What {@link memoryBackend} can be told. */
export interface MemoryBackendOptions {
  /** The clock of the claims, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** A record beside its claim. Never handed out: callers get copies. */
interface Kept {
  readonly record: StoredRecord;
  readonly claim: Claim;
}

/** Keeps records in memory, for tests and for what need not outlive the process. */
export function memoryBackend({ now = Date.now }: MemoryBackendOptions = {}): RecordBackend {
  const kept = new Map<string, Kept>();
  const copyOut = ({ record, claim }: Kept): KeptRecord => ({
    ...copyRecord(record),
    claim: claimState(claim, now()),
  });
  const keyOf = (partition: string, id: string): string => JSON.stringify([partition, id]);
  const all = (partition?: string): Kept[] =>
    [...kept.values()].filter(({ record }) => partition === undefined || record.partition === partition);
  const identityTaken = ({ partition, id, identity }: StoredRecord): boolean =>
    all(partition).some(({ record }) => record.id !== id && equalBytes(record.identity, identity));

  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const found = kept.get(keyOf(partition, id));
      return found && copyOut(found);
    },

    async find(partition, field, values) {
      const matches = ({ record }: Kept): boolean => {
        const held = heldValue(record, field);
        return held !== undefined && values.some((value) => equalBytes(held, value));
      };
      return all(partition).filter(matches).map(copyOut);
    },

    async put(record, condition) {
      const key = keyOf(record.partition, record.id);
      const current = kept.get(key);
      if (current?.record.revision !== condition.revision || identityTaken(record)) return 'conflict';
      const claim = current === undefined ? unclaimed : written(current.claim, condition);
      kept.set(key, { record: copyRecord(record), claim });
      return 'stored';
    },

    async claim(partition, id, request) {
      const key = keyOf(partition, id);
      const current = kept.get(key);
      if (current === undefined) return { granted: false };
      const { outcome, claim } = claimed(current.claim, current.record.revision, request, now());
      kept.set(key, { ...current, claim });
      return outcome;
    },

    async release(partition, id, release) {
      const key = keyOf(partition, id);
      const current = kept.get(key);
      if (current === undefined) return;
      kept.set(key, { ...current, claim: released(current.claim, release, now()) });
    },

    async delete(partition, id) {
      kept.delete(keyOf(partition, id));
    },

    async page(partition, limit, cursor) {
      const after = all(partition)
        .filter(({ record }) => cursor === undefined || record.id > cursor)
        .sort((left, right) => (left.record.id < right.record.id ? -1 : 1));
      return recordPage(after.slice(0, limit + 1).map(copyOut), limit);
    },

    async clear(partition) {
      for (const { record } of all(partition)) kept.delete(keyOf(partition, record.id));
    },

    async countByKeyId(keyId, partition) {
      return all(partition).filter(({ record }) => record.keyId === keyId || record.indexKeyId === keyId).length;
    },

    async due(partition, at, limit) {
      const rows = all(partition).map((one) => ({ ...one, dueAt: one.record.dueAt }));
      return dueRows(rows, at, limit, now()).map(copyOut);
    },

    async deleteExpired(at, limit) {
      const expired = all().filter(({ record }) => record.expiresAt > 0 && record.expiresAt <= at);
      for (const { record } of expired.slice(0, limit)) kept.delete(keyOf(record.partition, record.id));
      return Math.min(expired.length, limit);
    },
  };
}
