import { writeFileSync } from 'node:fs';
import { DBBuilder, FileStore, OAuthBuilder, type OAuthToken, UserSignature } from '@zohocrm/typescript-sdk-8.0';
import type { Connection } from 'mysql2/promise';
import type { BenchStore } from './bench-store.ts';
import { accessTokenOf, refreshTokenOf, userOf } from './zoho-like-token.ts';

const columns =
  'id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain';

/** A row of the SDK's stores, by the names of their columns. */
function rowOf(n: number): string[] {
  const user = userOf(n);
  const tokens = [refreshTokenOf(user), accessTokenOf(user), ''];
  return [String(n), user, 'client', 'secret', ...tokens, '4102444800000', '', 'https://www.zohoapis.com'];
}

interface ZohoStore {
  findToken(token: OAuthToken): Promise<unknown>;
  findTokenById(id: string): Promise<unknown>;
  saveToken(token: OAuthToken): Promise<void>;
  deleteToken(id: string): Promise<void>;
}

function benchStore(store: ZohoStore): BenchStore {
  const known = (user: string) => new OAuthBuilder().userSignature(new UserSignature(user));
  const full = (user: string, access: string) =>
    known(user).clientId('client').clientSecret('secret').refreshToken(refreshTokenOf(user)).accessToken(access);
  return {
    findByUser: (user) => store.findToken(known(user).build()),
    findById: (id) => store.findTokenById(id),
    update: (user, access) => store.saveToken(full(user, access).build()),
    // with an id of its own, since an eleventh one is not found by the SDK's DBStore
    insert: async (user, id) => {
      await store.saveToken(full(user, accessTokenOf(user)).id(id).build());
      return id;
    },
    delete: (id) => store.deleteToken(id),
    idOf: (n) => String(n),
  };
}

/** The SDK's FileStore with this many tokens. */
export function zohoFileStore(path: string, size: number): BenchStore {
  const rows = Array.from({ length: size }, (_, n) => rowOf(n + 1).join(','));
  writeFileSync(path, [columns.replace('user_name', 'user_mail'), ...rows].join('\n'));
  return benchStore(new FileStore(path) as unknown as ZohoStore);
}

/** The SDK's DBStore with this many tokens, in a table as its README has it. */
export async function zohoDbStore(
  connection: Connection,
  {
    host,
    port,
    user,
    password,
    database,
  }: Record<'host' | 'user' | 'password' | 'database', string> & { port: number },
  table: string,
  size: number,
): Promise<BenchStore> {
  const texts = columns.split(',').map((name) => `${name} varchar(${name === 'expiry_time' ? 20 : 255})`);
  texts[0] = 'id varchar(10) NOT NULL PRIMARY KEY';
  await connection.query(`CREATE TABLE ${table} (${texts})`);
  for (let n = 1; n <= size; n += 1000) {
    const rows = Array.from({ length: Math.min(1000, size - n + 1) }, (_, i) => rowOf(n + i));
    await connection.query(`INSERT INTO ${table} VALUES ?`, [rows]);
  }
  const store = new DBBuilder()
    .host(host)
    .portNumber(port)
    .userName(user)
    .password(password)
    .databaseName(database)
    .tableName(table)
    .build();
  return benchStore(store as unknown as ZohoStore);
}
