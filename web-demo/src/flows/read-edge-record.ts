import type { StoredColumn, StoredRecord } from '../stored-record.ts';
import { tokenFields } from '../token-fields.ts';
import { askWorker } from './ask-worker.ts';

/** What `GET /demo/record` answers. */
interface RecordAnswer {
  readonly columns: readonly {
    readonly name: string;
    readonly value?: string | number | null;
    readonly hex?: string;
  }[];
  readonly sealedColumn: string;
  readonly token?: Parameters<typeof tokenFields>[0];
  readonly refused?: string;
}

/** The record of the worker's session, as its database holds it, and what it opens to. */
export async function readEdgeRecord(): Promise<StoredRecord> {
  const { columns, sealedColumn, token = {}, refused } = (await askWorker('/demo/record')) as RecordAnswer;
  return {
    columns: columns.map(({ name, value, hex }) => ({
      name,
      values: valuesOf(hex === undefined ? value : bytesOf(hex)),
    })),

    sealedColumn,
    opened: refused === undefined ? { fields: tokenFields(token) } : { refused },
  };
}

function valuesOf(value: string | number | Uint8Array | null | undefined): StoredColumn['values'] {
  return value === undefined || value === null || value === '' ? [] : [value];
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
