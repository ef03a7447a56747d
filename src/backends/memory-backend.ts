import { equalBytes } from '../core/bytes.ts';
import { claimed, claimState, released, unclaimed, written } from '../core/claim.ts';
import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { copyRecord } from './copy-record.ts';
import { dueRows } from './due-rows.ts';
import { heldValue } from './held-value.ts';
import { type MemoryRow, memoryRows } from './memory-rows.ts';
import { recordPage } from './record-page.ts';

/** What {@link memoryBackend} can be told. */
export interface MemoryBackendOptions {
  /** The clock of the claims, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Keeps records in memory, for tests and for what need not outlive the process. */
export function memoryBackend({ now = Date.now }: MemoryBackendOptions = {}): RecordBackend {
  const rows = memoryRows();
  const copyOut = ({ record, claim }: MemoryRow): KeptRecord => ({
    ...copyRecord(record),
    claim: claimState(claim, now()),
  });

  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const found = rows.get(partition, id);
      return found && copyOut(found);
    },

    async find(partition, field, values) {
      const matches = ({ record }: MemoryRow): boolean => {
        const held = heldValue(record, field);
        return held !== undefined && values.some((value) => equalBytes(held, value));
      };
      return rows.all(partition).filter(matches).map(copyOut);
    },

    async put(record, condition) {
      const current = rows.get(record.partition, record.id);
      if (current?.record.revision !== condition.revision || rows.isTaken(record)) return 'conflict';
      const claim = current === undefined ? unclaimed : written(current.claim, condition);
      rows.set({ record: copyRecord(record), claim });
      return 'stored';
    },

    async claim(partition, id, request) {
      const current = rows.get(partition, id);
      if (current === undefined) return { granted: false };
      const { outcome, claim } = claimed(current.claim, current.record.revision, request, now());
      rows.set({ ...current, claim });
      return outcome;
    },

    async release(partition, id, release) {
      const current = rows.get(partition, id);
      if (current !== undefined) rows.set({ ...current, claim: released(current.claim, release, now()) });
    },

    async delete(partition, id) {
      const found = rows.get(partition, id);
      rows.delete(partition, id);
      return found && copyOut(found);
    },

    async page(partition, limit, cursor) {
      const after = rows
        .all(partition)
        .filter(({ record }) => cursor === undefined || record.id > cursor)
        .sort((left, right) => (left.record.id < right.record.id ? -1 : 1));
      return recordPage(after.slice(0, limit + 1).map(copyOut), limit);
    },

    async clear(partition) {
      for (const { record } of rows.all(partition)) rows.delete(partition, record.id);
    },

    async countByKeyId(keyId, partition) {
      return rows.all(partition).filter(({ record }) => record.keyId === keyId || record.indexKeyId === keyId).length;
    },

    async due(partition, at, limit) {
      const dated = rows.all(partition).map((row) => ({ ...row, dueAt: row.record.dueAt }));
      return dueRows(dated, at, limit, now()).map(copyOut);
    },

    async deleteExpired(at, limit) {
      const expired = rows.all().filter(({ record }) => record.expiresAt > 0 && record.expiresAt <= at);
      for (const { record } of expired.slice(0, limit)) rows.delete(record.partition, record.id);
      return Math.min(expired.length, limit);
    },
  };
}
