import type { Keyring } from '../core/keyring.ts';
import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { type ErrorCode, TokenkeepError } from '../core/tokenkeep-error.ts';
import { codeOfRecord, collectionOf } from '../store/reseal-records.ts';
import { Inspection, type InspectionReport } from './inspection.ts';
import { type RedactedField, redactedFields } from './payload-fields.ts';
import { shown } from './show-progress.ts';

/** A record, without anything of what it holds. */
export interface RecordRow {
  readonly partition: string;
  readonly id: string;
  readonly revision: number;
  /** Of the sealed part, in bytes. */
  readonly size: number;
  readonly keyId: string;
  readonly indexKeyId: string;
  /** Epoch milliseconds; 0 is never. */
  readonly expiresAt: number;
  /** Whether somebody is renewing it right now. */
  readonly claimed: boolean;
  /** Only where it was to be opened; else the code of why it does not open. */
  readonly fields?: readonly RedactedField[];
  readonly failure?: ErrorCode;
}

const pageSize = 500;

/**
 * Reads all records of a backend and counts them, with progress on standard error.
 *
 * @param onRow told each record, where somebody wants to know.
 * @param keyring opens them for their fields.
 */
export async function inspectRecords(
  backend: RecordBackend,
  onRow?: (row: RecordRow) => void,
  keyring?: Keyring,
): Promise<InspectionReport> {
  const keys = await backend.keyUse();
  const total = keys.reduce((sum, { records }) => sum + records, 0);
  const inspection = new Inspection(Date.now());
  let read = 0;
  await shown('Reading', async (onProgress) => {
    let cursor: string | undefined;
    do {
      const page = await backend.scan(pageSize, cursor === undefined ? {} : { cursor });
      for (const record of page.records) {
        inspection.add(record);
        onRow?.(await rowOf(record, keyring));
      }
      read += page.records.length;
      onProgress(Math.min(read, total), total);
      cursor = page.cursor;
    } while (cursor !== undefined);
  });
  return { records: read, partitions: inspection.figures(), keys };
}

/** @param keyring opens the record for its fields. */
export async function rowOf(record: KeptRecord, keyring?: Keyring): Promise<RecordRow> {
  const { partition, id, revision, sealed, keyId, indexKeyId, expiresAt, claim } = record;
  const row = { partition, id, revision, size: sealed.length, keyId, indexKeyId, expiresAt, claimed: claim.heldMs > 0 };
  if (keyring === undefined) return row;
  try {
    return { ...row, fields: redactedFields(partition, await collectionOf(partition, keyring).open(record)) };
  } catch (error) {
    return { ...row, failure: codeOfRecord(error) };
  }
}

/**
 * One record by its id.
 *
 * @throws `E_INPUT` when there is none.
 */
export async function recordWith(backend: RecordBackend, partition: string, id: string): Promise<KeptRecord> {
  const record = await backend.get(partition, id);
  if (record !== undefined) return record;
  throw new TokenkeepError('E_INPUT', 'no record of that partition has this id; --records lists those that are there');
}
