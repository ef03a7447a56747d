import { expect } from 'vitest';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from './test-keyring.ts';

/** One race on a store over a fresh backend that has compare-and-set. `connect` gives another connection to the same data. */
export interface StoreRace {
  readonly name: string;
  run(connect: () => RecordBackend): Promise<void>;
}

const codes = (results: readonly PromiseSettledResult<unknown>[]): readonly string[] =>
  results.map((result) => (result.status === 'fulfilled' ? 'saved' : (result.reason as { code: string }).code));

/** What must hold when many write at once. Each writer has a store of its own, as tabs and isolates have. */
export const storeRaces: readonly StoreRace[] = [
  {
    name: 'case 52: of two writers that read the same revision one wins, and the other is told',
    async run(connect) {
      const keyring = await testKeyring();
      const [one, two] = [connect(), connect()].map((backend) => new EncryptedTokenStore({ backend, keyring }));
      const read = await (one as EncryptedTokenStore).saveToken({ userName: 'ann', accessToken: 'first' });
      const results = await Promise.allSettled([
        (one as EncryptedTokenStore).saveToken({ ...read, accessToken: 'of one' }),
        (two as EncryptedTokenStore).saveToken({ ...read, accessToken: 'of two' }),
      ]);
      expect([...codes(results)].sort()).toEqual(['E_CONFLICT', 'saved']);
      const winner = results[0]?.status === 'fulfilled' ? 'of one' : 'of two';
      expect(await (two as EncryptedTokenStore).findTokenById(read.id)).toMatchObject({
        revision: 2,
        accessToken: winner,
      });
    },
  },
  {
    name: 'case 53: two hundred saves and reads at once lose nothing and double nothing',
    async run(connect) {
      const keyring = await testKeyring();
      const store = () => new EncryptedTokenStore({ backend: connect(), keyring });
      const shared = store();
      const users = Array.from({ length: 50 }, (_, n) => `user-${n}`);
      const saves = users.flatMap((userName) => [
        shared.saveToken({ userName, accessToken: `access-of-${userName}` }),
        shared.saveToken({
          userName,
          scope: 'read',
          refreshToken: `refresh-of-${userName}`,
          accessToken: `access-of-${userName}`,
        }),
      ]);
      const reads = users.flatMap((userName) => [shared.findToken({ userName }), shared.getTokenPage({ limit: 5 })]);
      expect(new Set(codes(await Promise.allSettled([...saves, ...reads])))).toEqual(new Set(['saved']));
      const all = await store().getTokens();
      expect(all.map(({ userName }) => userName).sort()).toEqual([...users].sort());
      for (const token of all) {
        expect(token).toMatchObject({ revision: 2, scope: 'read', refreshToken: `refresh-of-${token.userName}` });
      }
    },
  },
  {
    name: 'twenty first saves of one user at once leave one record with the content of all',
    async run(connect) {
      const keyring = await testKeyring();
      const writers = Array.from({ length: 20 }, (_, n) => n);
      const saved = await Promise.all(
        writers.map((n) =>
          new EncryptedTokenStore({ backend: connect(), keyring }).saveToken({
            userName: "O'Brien",
            clientId: 'web',
            accessToken: 'the same access token',
            ...(n === 7 ? { scope: 'read' } : {}),
            ...(n === 13 ? { apiDomain: 'https://api.example' } : {}),
          }),
        ),
      );
      const store = new EncryptedTokenStore({ backend: connect(), keyring });
      const tokens = await store.getTokens();
      expect(tokens).toHaveLength(1);
      expect(tokens[0]).toMatchObject({ revision: 20, scope: 'read', apiDomain: 'https://api.example' });
      expect(new Set(saved.map(({ id }) => id))).toEqual(new Set([tokens[0]?.id]));
    },
  },
];
