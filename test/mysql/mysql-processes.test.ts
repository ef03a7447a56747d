import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { startMysqlChildren } from './mysql-children.ts';

const { settings, drop } = await mariadbDatabase(inject('mariadb'));
const setting = await generateKeyring();
afterAll(drop);

/** Four processes over a new table, and a store over it here. */
async function four(table: string) {
  const backend = mysqlBackend({ ...settings, table });
  onTestFinished(() => backend.close());
  const store = new EncryptedTokenStore({ backend, keyring: importKeyring(setting) });
  return { store, children: await startMysqlChildren(4, { ...settings, table }, setting) };
}

describe('four processes over one table', () => {
  test('make it together, and leave one record of twenty first saves of one user', async () => {
    const { store, children } = await four('first');
    const user = { userName: "O'Brien", clientId: 'web', accessToken: 'the same access token' };
    const changes = Array.from({ length: 20 }, (_, n) => ({
      ...user,
      extras: { saves: 'alike' },
      [fields[n % 2]!]: 'x',
    }));
    const ids = await children.all('save', (n) => [changes.slice(n * 5, n * 5 + 5)]);
    const tokens = await store.getTokens();
    const [id] = ids.flat();
    expect(tokens).toEqual([{ ...user, extras: { saves: 'alike' }, scope: 'x', apiDomain: 'x', id, revision: 20 }]);
    expect(new Set(ids.flat())).toEqual(new Set([id]));
  });

  test('lose nothing and double nothing when they save and delete at once', async () => {
    const { store, children } = await four('churn');
    const kept = await children.all('churn', (n) => [`process ${n}`, 30]);
    const tokens = await store.getTokens();
    const found = tokens.map(({ userName, revision, accessToken }) => `${userName} ${revision} ${accessToken}`);
    expect(found.sort()).toEqual(
      kept
        .flat()
        .map((name) => `${name} 2 second of ${name}`)
        .sort(),
    );
  });

  test('renew a token once, however many ask, and each gets the new one', async () => {
    const { store, children } = await four('renewal');
    await store.saveToken({ userName: 'ann', accessToken: 'expired', refreshToken: 'refresh 0', expiresAt: 1000 });
    const spent: string[] = [];
    const server = createServer(async (request, response) => {
      let refreshToken = '';
      for await (const chunk of request) refreshToken += chunk;
      spent.push(refreshToken);
      const answer = { accessToken: 'renewed', refreshToken: 'refresh 1', expiresAt: 4_102_444_800_000 };
      response.end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const given = await children.all('renew', () => ['ann', url, 5]);
    expect(given.flat()).toEqual(Array.from({ length: 20 }, () => 'renewed'));
    expect(spent).toEqual(['refresh 0']);
  });
});

const fields = ['scope', 'apiDomain'] as const;
