import type { FlippedBit } from './flipped-bit.ts';

/** One column of a record exactly as it is stored: text and numbers as they are, bytes as bytes. */
export interface StoredColumn {
  readonly name: string;
  /** One value, or several of an index entry. None where the column is empty. */
  readonly values: readonly (string | number | Uint8Array)[];
}

/** A record at rest beside what it opens to. */
export interface StoredRecord {
  readonly columns: readonly StoredColumn[];
  /** The name of the column that holds the envelope. */
  readonly sealedColumn: string;
  /** The bit that was flipped on this page, if it is. */
  readonly flipped?: FlippedBit | undefined;
  /** The decrypted token's fields, or why the record does not open. */
  readonly opened:
    | { readonly fields: readonly (readonly [name: string, value: string])[] }
    | { readonly refused: string };
}
