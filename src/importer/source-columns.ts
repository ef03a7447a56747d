import type { SourceCells, SourceColumn } from './source-row.ts';

/** The columns in the order in which every SDK writes them, each with the names that the SDKs give it. */
const columns: readonly (readonly [SourceColumn, ...string[]])[] = [
  ['id', 'id'],
  ['userName', 'user_name', 'user_mail'],
  ['clientId', 'client_id'],
  ['clientSecret', 'client_secret'],
  ['refreshToken', 'refresh_token'],
  ['accessToken', 'access_token'],
  ['grantToken', 'grant_token'],
  ['expiryTime', 'expiry_time'],
  ['redirectUrl', 'redirect_url', 'redirect_uri'],
  ['apiDomain', 'api_domain'],
];

/** The oldest files and tables lack the last column. */
const fewest = columns.length - 1;

/** The columns of a file with this first line, or `undefined` when it is none of Zoho's: the SDKs go by the order alone. */
export function fileColumns(header: readonly string[]): readonly SourceColumn[] | undefined {
  if (header.length !== fewest && header.length !== columns.length) return undefined;
  const known = columns.slice(0, header.length);
  return known.every(([, ...names], i) => names.includes(header[i] as string))
    ? known.map(([name]) => name)
    : undefined;
}

/** A column of a table: the token field, and the name it has there. */
export interface TableColumn {
  readonly column: SourceColumn;
  readonly name: string;
}

/** The columns of a table, or `undefined` when some of Zoho's are missing. The SDKs go by the name; further ones are ignored. */
export function tableColumns(found: readonly string[]): readonly TableColumn[] | undefined {
  const known = columns.flatMap(([column, ...names]) => {
    const name = found.find((one) => names.includes(one.toLowerCase()));
    return name === undefined ? [] : [{ column, name }];
  });
  const complete = columns.slice(0, fewest).every(([column]) => known.some((one) => one.column === column));
  return complete ? known : undefined;
}

/** The cells of a row under their columns, without the empty ones. */
export function namedCells(order: readonly SourceColumn[], values: readonly (string | undefined)[]): SourceCells {
  const named = order.map((column, i) => [column, values[i]] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== ''));
}
