import { rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as sdk from '@zohocrm/typescript-sdk-8.0';

/** A row of one of Zoho's stores, as texts; what is left out is empty. */
export interface ZohoRow {
  readonly id?: string;
  readonly user?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refresh?: string;
  readonly access?: string;
  readonly grant?: string;
  readonly expiry?: string;
  readonly redirect?: string;
  readonly domain?: string;
}

/** Secrets long enough to be looked for, and unlike all others. */
let made = 0;
const unique = (what: string): string => `1000.${what}${String(++made).padStart(4, '0')}${'x'.repeat(12)}`;

/** A row of somebody who is signed in, with secrets of its own. */
export function zohoRow(user: string, changes: ZohoRow = {}): ZohoRow {
  return {
    user,
    clientId: '1000.CLIENTCLIENTCLIENT',
    clientSecret: 'client-secret-client-secret',
    refresh: unique('refresh'),
    access: unique('access'),
    grant: unique('grant'),
    expiry: String(Date.now() + 3_600_000),
    redirect: 'https://app.example/zoho/callback',
    domain: 'https://www.zohoapis.eu',
    ...changes,
  };
}

/** The cells of a row, in the order of the columns. */
export function cellsOf(row: ZohoRow): readonly (string | undefined)[] {
  const { id, user, clientId, clientSecret, refresh, access, grant, expiry, redirect, domain } = row;
  return [id, user, clientId, clientSecret, refresh, access, grant, expiry, redirect, domain];
}

/** The first line of the SDK for TypeScript. */
export const typescriptHeader =
  'id,user_mail,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain';

/** A file as the SDK for TypeScript writes it: nothing is quoted. */
export function typescriptFile(rows: readonly ZohoRow[]): string {
  return [typescriptHeader, ...rows.map((row) => cellsOf(row).join())].join('\n');
}

/** The first line of the SDK for Python. */
export const pythonHeader = typescriptHeader.replace('user_mail', 'user_name').replace('redirect_url', 'redirect_uri');

/** A file as the SDK for Python writes it, by its module `csv`. */
export function pythonFile(rows: readonly ZohoRow[]): string {
  const quoted = (cell = ''): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = rows.map((row) => cellsOf(row).map(quoted).join());
  return [pythonHeader, ...lines, ''].join('\r\n');
}

/** A token of the SDK with these values. */
export function sdkToken({
  id,
  user,
  clientId,
  clientSecret,
  refresh,
  access,
  grant,
  expiry,
  redirect,
  domain,
}: ZohoRow) {
  const token = Reflect.construct(sdk.OAuthToken, []) as sdk.OAuthToken;
  if (id !== undefined) token.setId(id);
  if (user !== undefined) token.setUserSignature(new sdk.UserSignature(user));
  if (clientId !== undefined) token.setClientId(clientId);
  if (clientSecret !== undefined) token.setClientSecret(clientSecret);
  if (refresh !== undefined) token.setRefreshToken(refresh);
  if (access !== undefined) token.setAccessToken(access);
  if (grant !== undefined) token.setGrantToken(grant);
  if (expiry !== undefined) token.setExpiresIn(expiry);
  if (redirect !== undefined) token.setRedirectURL(redirect);
  if (domain !== undefined) token.setAPIDomain(domain);
  return token;
}

/** Lets the SDK's own `FileStore` write a file, one token after the other. */
export async function sdkFile(path: string, rows: readonly ZohoRow[]): Promise<void> {
  const store = new sdk.FileStore(path);
  for (const row of rows) await store.saveToken(sdkToken(row));
}

/** Zoho's table in the dialects of SQLite and MySQL, as the sample and the manual make it. */
export const zohoTable = `CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id varchar(255),
  client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255),
  expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255), primary key (id))`;

/** Writes a database as Zoho's sample of a store over SQLite does. */
export function sqliteFile(path: string, rows: readonly ZohoRow[], table: string = zohoTable): void {
  rmSync(path, { force: true });
  writeFileSync(path, '');
  const database = new DatabaseSync(path);
  database.exec(table);
  for (const [i, row] of rows.entries()) {
    const insert = database.prepare('INSERT INTO oauthtoken VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    insert.run(...cellsOf({ id: String(i + 1), ...row }).map((cell) => cell ?? null));
  }
  database.close();
}

/** Everything in the rows that must not be shown: credentials and names. */
export function secretsOf(rows: readonly ZohoRow[]): readonly string[] {
  const all = rows.flatMap(({ user, clientSecret, refresh, access, grant }) => [
    user,
    clientSecret,
    refresh,
    access,
    grant,
  ]);
  return [...new Set(all.filter((text): text is string => text !== undefined && text.length >= 12))];
}
