import { describe, expect, test } from 'vitest';
import { type ListRow, listBackend } from '../../src/backends/list-backend.ts';
import { fromBase64url } from '../../src/core/base64url.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { alteredRows } from '../support/altered-rows.ts';
import { findTraces } from '../support/find-traces.ts';
import { testKeyring } from '../support/test-keyring.ts';

const keyring = testKeyring();
const open = (rows: ListRow[]) => new EncryptedTokenStore({ backend: listBackend(rows), keyring });
const token = (userName: string) => ({ userName, accessToken: `access token of ${userName}` });
const users = async (rows: ListRow[]) => (await open(rows).getTokens()).map(({ userName }) => userName).sort();

describe('the rows of a list', () => {
  test('are the caller’s own array, one for each token, of texts and numbers alone', async () => {
    const rows: ListRow[] = [];
    const { id } = await open(rows).saveToken({ ...token('ann'), refreshToken: 'refresh', clientId: 'app' });
    expect(rows).toEqual([
      {
        partition: 'default/tokens',
        id,
        revision: 1,
        identity: expect.stringMatching(/^[\w-]{22}$/),
        lookups: {
          userName: expect.stringMatching(/^[\w-]{22}$/),
          accessToken: expect.stringMatching(/^[\w-]{22}$/),
          refreshToken: expect.stringMatching(/^[\w-]{22}$/),
        },
        keyId: expect.stringMatching(/^[\da-f]{8}$/),
        indexKeyId: rows[0]?.keyId,
        expiresAt: 0,
        dueAt: 0,
        sealed: expect.stringMatching(/^[\w-]+$/),
      },
    ]);
  });

  test('hold nothing that can be read', async () => {
    const rows: ListRow[] = [];
    const secrets = ['marker user name 0123', 'marker access token 0123', 'marker refresh token 0123'] as const;
    const [userName, accessToken, refreshToken] = secrets;
    await open(rows).saveToken({ userName, accessToken, refreshToken });
    expect(findTraces(new TextEncoder().encode(JSON.stringify(rows)), secrets)).toEqual([]);
    expect(findTraces(fromBase64url(rows[0]?.sealed ?? '') ?? new Uint8Array(), secrets)).toEqual([]);
  });

  test('may be taken out, put in and exchanged by the caller at any time', async () => {
    const [rows, others]: [ListRow[], ListRow[]] = [[], []];
    for (const user of ['ann', 'bob', 'carol']) await open(rows).saveToken(token(user));
    await open(others).saveToken(token('dan'));
    const store = open(rows);
    const bob = rows.splice(1, 1);
    expect(await store.findToken({ userName: 'bob' })).toBeUndefined();
    rows.push(...others);
    expect(await store.findToken({ userName: 'dan' })).toMatchObject(token('dan'));
    rows.splice(0, rows.length, ...bob);
    expect(await users(rows)).toEqual(['bob']);
  });

  test('are replaced and not altered, so that a copy of the array is a snapshot', async () => {
    const rows: ListRow[] = [];
    const store = open(rows);
    const saved = await store.saveToken(token('ann'));
    const snapshot = Object.freeze(rows.map((row) => Object.freeze(row)));
    await store.claimToken(saved, { owner: 'a', ttlMs: 60_000 });
    await store.saveToken({ ...token('ann'), scope: 'read' });
    await store.deleteToken(saved.id);
    rows.push(...snapshot);
    expect(await store.getTokens()).toEqual([saved]);
  });

  test('with one id count as the first of them, and go together', async () => {
    const rows: ListRow[] = [];
    const store = open(rows);
    const saved = await store.saveToken(token('ann'));
    const [row] = rows;
    await store.saveToken({ ...token('ann'), scope: 'read' });
    rows.push(row as ListRow);
    expect(await store.findTokenById(saved.id)).toMatchObject({ revision: 2, scope: 'read' });
    await store.deleteToken(saved.id);
    expect(rows).toEqual([]);
  });

  test('are found among other things, which are left alone', async () => {
    const rows: ListRow[] = [];
    const others = [null, undefined, 7, 'text', [], {}, { partition: 'default/tokens' }, { id: 'one' }];
    rows.push(...(others as unknown as ListRow[]));
    const saved = await open(rows).saveToken(token('ann'));
    expect(await open(rows).getTokens()).toEqual([saved]);
    await open(rows).dueTokens(Date.now());
    await listBackend(rows).deleteExpired(Date.now(), 10);
    expect((await listBackend(rows).keyUse()).map(({ records }) => records)).toEqual([1]);
    await open(rows).deleteTokens();
    expect(rows).toEqual(others);
  });

  test('with one name are scanned one after the other', async () => {
    const rows: ListRow[] = [];
    await open(rows).saveToken(token('ann'));
    await open(rows).saveToken(token('bob'));
    rows.push(...rows);
    const backend = listBackend(rows);
    expect((await backend.scan(10)).records).toHaveLength(4);
    const { records, cursor = '' } = await backend.scan(2);
    const { records: rest } = await backend.scan(2, { cursor });
    expect(new Set([...records, ...rest].map(({ id }) => id)).size).toBe(2);
    expect((await backend.keyUse()).map((use) => use.records)).toEqual([4]);
  });

  test('that somebody has altered spoil neither a listing nor the others', async () => {
    const rows: ListRow[] = [];
    const saved = await open(rows).saveToken(token('ann'));
    const altered = alteredRows(rows[0] as ListRow) as ListRow[];
    rows.unshift(...altered);
    const refused: string[] = [];
    const found = [];
    for await (const one of open(rows).tokens({ limit: 3, onCorrupt: (_, id) => refused.push(id) })) found.push(one);
    expect(found).toEqual([saved]);
    expect(refused.sort()).toEqual(altered.map(({ id }) => id).sort());
    expect(await open(rows).findToken({ userName: 'ann' })).toEqual(saved);
    expect(await open(rows).saveToken({ ...token('ann'), scope: 'read' })).toMatchObject({ id: saved.id, revision: 2 });
    await open(rows).dueTokens(Date.now(), { onCorrupt: () => undefined });
    for (const { partition, id, revision } of altered) {
      await listBackend(rows).claim(partition, id, { revision, owner: 'a', ttlMs: 1000 });
      const claim = rows.find((row) => row.id === id)?.claim;
      if (claim?.owner !== 'a') continue;
      const { until, retryAt, coolingSince, attempts } = claim;
      for (const number of [until, retryAt, coolingSince, attempts]) expect(number).toBeTypeOf('number');
      expect(attempts).toBeGreaterThan(0);
    }
    await open(rows).deleteTokens();
    expect(rows).toEqual([]);
  });
});
