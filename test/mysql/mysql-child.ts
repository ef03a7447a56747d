// A process of its own over a table. Started by mysql-children.ts with settings and a keyring; does one job after another.
import { type MysqlServer, mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import type { TokenChange } from '../../src/core/oauth-token.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';

const [, , settings = '', keyring = ''] = process.argv;
const backend = mysqlBackend(JSON.parse(settings) as MysqlServer & { table?: string });
const store = new EncryptedTokenStore({ backend, keyring: importKeyring(keyring) });

const jobs = {
  /** Saves them all at once; resolves with their ids. */
  save: async (changes: readonly TokenChange[]) =>
    (await Promise.all(changes.map((change) => store.saveToken(change)))).map(({ id }) => id),

  /** Saves and deletes tokens of its own; resolves with the names of those that stay. */
  async churn(name: string, rounds: number) {
    const kept: string[] = [];
    await Promise.all(
      Array.from({ length: rounds }, async (_, n) => {
        const userName = `${name} ${n}`;
        const { id } = await store.saveToken({ userName, accessToken: `first of ${userName}` });
        await store.saveToken({ userName, accessToken: `second of ${userName}` });
        if (n % 3 === 0) await store.deleteToken(id);
        else kept.push(userName);
      }),
    );
    return kept;
  },

  /** Asks for an access token, several times at once; resolves with all that was given. */
  renew: async (userName: string, tokenUrl: string, callers: number) => {
    const source = () =>
      createTokenSource({
        store,
        query: { userName },
        refresh: async ({ refreshToken }) => {
          const answer = await fetch(tokenUrl, { method: 'POST', body: refreshToken ?? '' });
          return (await answer.json()) as { accessToken: string; refreshToken: string; expiresAt: number };
        },
      });
    const given = await Promise.all(Array.from({ length: callers }, () => source().getToken()));
    return given.map(({ accessToken }) => accessToken);
  },
};

/** What a process can be told to do. */
export type MysqlJobs = typeof jobs;

process.on('message', async ([job, args]: [keyof MysqlJobs, never]) => {
  const done = (jobs[job] as (...args: readonly unknown[]) => Promise<unknown>)(...(args as readonly unknown[]));
  process.send?.(
    await done.then(
      (result) => ({ result }),
      (error: Error) => ({ error: `${(error as { code?: string }).code} ${error.message}` }),
    ),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
