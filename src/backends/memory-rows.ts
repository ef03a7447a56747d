import { equalBytes } from '../core/bytes.ts';
import type { Claim } from '../core/claim.ts';
import type { StoredRecord } from '../core/record-backend.ts';

/** A record beside its claim. Never handed out: callers get copies. */
export interface MemoryRow {
  readonly record: StoredRecord;
  readonly claim: Claim;
}

/** Rows by partition and id. */
export interface MemoryRows {
  get(partition: string, id: string): MemoryRow | undefined;
  /** Puts the row in the place of the one with its partition and id. */
  set(row: MemoryRow): void;
  delete(partition: string, id: string): void;
  /** The rows of one partition or of all. */
  all(partition?: string): readonly MemoryRow[];
  /** Whether another record than this one has its identity. */
  isTaken(record: StoredRecord): boolean;
}

/** No rows yet. */
export function memoryRows(): MemoryRows {
  const rows = new Map<string, MemoryRow>();
  const keyOf = (partition: string, id: string): string => JSON.stringify([partition, id]);
  const all: MemoryRows['all'] = (partition) =>
    [...rows.values()].filter(({ record }) => partition === undefined || record.partition === partition);
  return {
    all,
    get: (partition, id) => rows.get(keyOf(partition, id)),
    set: (row) => void rows.set(keyOf(row.record.partition, row.record.id), row),
    delete: (partition, id) => void rows.delete(keyOf(partition, id)),
    isTaken: ({ partition, id, identity }) =>
      all(partition).some(({ record }) => record.id !== id && equalBytes(record.identity, identity)),
  };
}
