/** A column of Zoho's stores, by the name of the token field it becomes. */
export type SourceColumn =
  | 'id'
  | 'userName'
  | 'clientId'
  | 'clientSecret'
  | 'refreshToken'
  | 'accessToken'
  | 'grantToken'
  | 'expiryTime'
  | 'redirectUrl'
  | 'apiDomain';

/** What a row holds. An empty cell is an absent one. */
export type SourceCells = { readonly [C in SourceColumn]?: string };

/** What can be told of a row without quoting it. */
export interface RefusedRow {
  /** The line of the file, or the row in the order of the ids, from 1. */
  readonly number: number;
  /** Why it cannot be read, as the end of a sentence about the row. */
  readonly refused: string;
}

/** A row of one of Zoho's stores: what it holds, or why that cannot be told. */
export type SourceRow = RefusedRow | { readonly number: number; readonly cells: SourceCells };
