import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { findTraces } from '../support/find-traces.ts';
import { storeAttacks } from '../support/store-attacks.ts';
import { storeRaces } from '../support/store-races.ts';
import { testKeyring } from '../support/test-keyring.ts';

const partitions = ['default/tokens', 'other/tokens', 'evil/tokens'];
const empty = async (backend: RecordBackend) => {
  for (const partition of partitions) await backend.clear(partition);
};

const secrets = {
  userName: 'marker-user-name-Ünï-0123456789',
  clientId: 'marker-client-id-0123456789',
  clientSecret: 'marker-client-secret-0123456789',
  accessToken: 'marker-access-token-0123456789',
  refreshToken: 'marker-refresh-token-0123456789',
  idToken: 'marker-id-token-0123456789',
  extras: { note: 'marker-extra-0123456789' },
};
const markers = [...Object.values(secrets).filter((value) => typeof value === 'string'), secrets.extras.note];

describe('a store on D1', () => {
  beforeEach(() => empty(d1Backend(env.DB)));

  for (const { name, run } of storeAttacks) test(name, () => run(d1Backend(env.DB)));
  for (const { name, run } of storeRaces) test(name, () => run(() => d1Backend(env.DB)));

  test('case 44: holds no token, secret or user name in any encoding', async () => {
    const store = new EncryptedTokenStore({ backend: d1Backend(env.DB), keyring: await testKeyring() });
    await store.saveToken(secrets);
    const { results } = await env.DB.prepare('SELECT * FROM tokenkeep_record').all();
    expect(results).toHaveLength(1);
    const dump = Object.values(results[0] as Record<string, unknown>).map((cell) =>
      Array.isArray(cell) ? Uint8Array.from(cell as number[]) : new TextEncoder().encode(String(cell)),
    );
    expect(dump.flatMap((bytes) => findTraces(bytes, markers))).toEqual([]);
  });

  test('case 67: sealed bytes that D1 returns as a list of numbers open', async () => {
    const store = new EncryptedTokenStore({ backend: d1Backend(env.DB), keyring: await testKeyring() });
    const saved = await store.saveToken(secrets);
    const row = await env.DB.prepare('SELECT sealed FROM tokenkeep_record').first<{ sealed: unknown }>();
    expect(Array.isArray(row?.sealed)).toBe(true);
    expect(await store.findTokenById(saved.id)).toEqual(saved);
  });

  /** How many statements the work takes. */
  async function statements(work: (store: EncryptedTokenStore) => Promise<unknown>): Promise<number> {
    let count = 0;
    const counting = {
      prepare: (sql: string) => {
        count++;
        return env.DB.prepare(sql);
      },
      batch: (statements: D1PreparedStatement[]) => env.DB.batch<Record<string, unknown>>(statements),
    };
    await work(new EncryptedTokenStore({ backend: d1Backend(counting), keyring }));
    return count;
  }
  const keyring = testKeyring();

  test('takes one statement to find, to delete and to clear, two to save', async () => {
    expect(await statements((store) => store.saveToken(secrets))).toBe(2);
    const [{ id }] = (await new EncryptedTokenStore({ backend: d1Backend(env.DB), keyring }).getTokens()) as [
      SavedToken,
    ];
    expect(await statements((store) => store.findTokenById(id))).toBe(1);
    expect(await statements((store) => store.findToken({ userName: secrets.userName }))).toBe(1);
    expect(await statements((store) => store.findToken({ refreshToken: secrets.refreshToken }))).toBe(1);
    expect(await statements((store) => store.saveToken({ id, accessToken: 'new' }))).toBe(2);
    expect(await statements((store) => store.getTokens())).toBe(1);
    expect(await statements((store) => store.deleteToken(id))).toBe(1);
    expect(await statements((store) => store.deleteTokens())).toBe(1);
  });
});

describe('a store on KV', () => {
  beforeEach(() => empty(kvBackend(env.KV)));

  for (const { name, run } of storeAttacks) test(name, () => run(kvBackend(env.KV)));

  test('case 44: holds no token, secret or user name in any encoding, in keys and metadata neither', async () => {
    const store = new EncryptedTokenStore({ backend: kvBackend(env.KV), keyring: await testKeyring() });
    await store.saveToken(secrets);
    const { keys } = await env.KV.list();
    expect(keys.length).toBeGreaterThan(3);
    const traces = [];
    for (const key of keys) {
      traces.push(...findTraces(new TextEncoder().encode(JSON.stringify(key)), markers));
      traces.push(...findTraces(new Uint8Array((await env.KV.get(key.name, 'arrayBuffer')) as ArrayBuffer), markers));
    }
    expect(traces).toEqual([]);
  });
});
