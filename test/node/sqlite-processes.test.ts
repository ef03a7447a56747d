import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startHttpServer } from '../../scripts/local/http-server.ts';
import { recordMigrations } from '../../src/backends/node/record-migrations.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { fetchOverHttp } from '../support/fetch-over-http.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = await importKeyring(setting);

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);
const startChildren = (path: string, count: number) =>
  Promise.all(numbers(count).map(() => startFileChild(path, setting)));

/** What is stored, as another process sees it that begins anew. */
async function storedTokens(path: string) {
  const backend = sqliteBackend(path);
  const tokens = await new EncryptedTokenStore({ backend, keyring }).getTokens();
  await backend.close();
  return tokens;
}

describe('processes that share one SQLite database', () => {
  test.each([
    ['make its tables', []],
    ['bring its tables up to date', recordMigrations.slice(0, 1)],
  ])('%s once, though all begin at the same moment', async (name, sql) => {
    const path = join(folder, `${name}.db`);
    const other = new DatabaseSync(path);
    for (const statement of sql) other.exec(statement);
    const children = await startChildren(path, 5);
    other.exec('BEGIN EXCLUSIVE');
    const reads = children.map(({ backend }) => backend.get('a', 'b'));
    // an answer to the next question, which needs no database: each has tried, and waits
    for (const { store } of children) await expect(store.findToken({})).rejects.toMatchObject({ code: 'E_QUERY' });
    other.exec('COMMIT');
    expect(await Promise.all(reads)).toEqual(numbers(5).map(() => undefined));
    const columns = other.prepare("SELECT name FROM pragma_table_info('tokenkeep_record')").all();
    expect(columns.map((column) => column.name)).toContain('due_at');
    other.close();
  });

  test('twenty first saves of one user at once leave one record with the content of all', async () => {
    const path = join(folder, 'first.db');
    const children = await startChildren(path, 5);
    const saved = await Promise.all(
      numbers(20).map((n) =>
        children[n % 5]?.store.saveToken({ userName: 'ann', accessToken: 'access', extras: { [`key${n}`]: n } }),
      ),
    );
    const tokens = await storedTokens(path);
    expect(tokens).toMatchObject([{ id: saved[0]?.id, revision: 20, userName: 'ann' }]);
    expect(new Set(saved.map((token) => token?.id)).size).toBe(1);
  });

  test('lose nothing and double nothing while all of them write, read, claim and delete', {
    timeout: 60_000,
  }, async () => {
    const path = join(folder, 'storm.db');
    const children = await startChildren(path, 4);
    const granted: string[] = [];
    const claimed = await children[0]?.store.saveToken({ userName: 'claimed', refreshToken: 'refresh' });
    const work = children.flatMap(({ store }, process) =>
      numbers(30).map(async (n) => {
        const userName = `user ${process}.${n}`;
        const { id } = await store.saveToken({ userName, accessToken: 'first' });
        await store.saveToken({
          userName: `shared ${n % 2}`,
          accessToken: 'access',
          scope: `scope of ${process}.${n}`,
        });
        expect(await store.saveToken({ userName, accessToken: 'second' })).toMatchObject({ id, revision: 2 });
        expect(await store.findTokenById(id)).toMatchObject({ userName, accessToken: 'second' });
        if (n % 3 === 0) await store.deleteToken(id);
        const request = { owner: userName, ttlMs: 60_000 };
        if (claimed && n % 10 === 0 && (await store.claimToken(claimed, request)).granted) granted.push(userName);
      }),
    );
    await Promise.all(work);
    expect(granted).toHaveLength(1);
    const tokens = await storedTokens(path);
    const left = numbers(4).flatMap((process) =>
      numbers(30).flatMap((n) => (n % 3 === 0 ? [] : [`user ${process}.${n} 2 second`])),
    );
    const shared = ['shared 0 60 access', 'shared 1 60 access'];
    expect(
      tokens.map(({ userName, revision, accessToken }) => `${userName} ${revision} ${accessToken}`).sort(),
    ).toEqual(['claimed 1 undefined', ...shared, ...left].sort());
  });

  test('lose no save that was acknowledged when one of them is killed, at whatever moment', {
    timeout: 60_000,
  }, async () => {
    const path = join(folder, 'killed.db');
    /** The last acknowledged access token of each user. */
    const acknowledged = new Map<string, number>();
    const round = async (name: string): Promise<void> => {
      const child = await startFileChild(path, setting);
      const end = Promise.withResolvers<void>();
      const users = numbers(4).map((n) => `${name} ${n}`);
      const saving = users.map(async (userName) => {
        for (let n = 1; ; n++) {
          await child.store.saveToken({ userName, accessToken: `${n}` });
          acknowledged.set(userName, n);
          if (n === 5) setTimeout(() => end.resolve(child.kill()), Math.random() * 30);
        }
      });
      const outcomes = await Promise.allSettled(saving);
      await end.promise;
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'ENDED' } });
    };
    // two at a time, so that one is killed while another writes
    for (const n of numbers(5)) await Promise.all([round(`one of ${n}`), round(`other of ${n}`)]);
    const stored = new Map((await storedTokens(path)).map((token) => [token.userName, token]));
    expect(stored.size).toBe(40);
    for (const [userName, last] of acknowledged) {
      const { accessToken, revision } = stored.get(userName) ?? {};
      expect(Number(accessToken), userName).toBe(revision);
      // the one that was under way may have been stored as well
      expect([last, last + 1]).toContain(revision);
    }
    const database = new DatabaseSync(path);
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });

  test('spend one refresh token when forty callers in four processes want a token at once', {
    timeout: 60_000,
  }, async () => {
    const http = await startHttpServer(
      {},
      fetchOverHttp((request) => server.fetch(request)),
    );
    onTestFinished(() => http.close());
    const client = { clientId: 'app', redirectUrl: `${http.url}/cb` };
    const server = new StrictAuthorizationServer({ issuer: http.url, client });
    const path = join(folder, 'renewal.db');
    const script = fileURLToPath(new URL('../support/sqlite/renewing-child.ts', import.meta.url));
    const children = await Promise.all(
      numbers(4).map(async () => {
        const child = fork(script, [path, setting, http.url], { execArgv: ['--disable-warning=ExperimentalWarning'] });
        onTestFinished(async () => {
          child.kill('SIGKILL');
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        });
        await once(child, 'message');
        return child;
      }),
    );
    const backend = sqliteBackend(path);
    const store = new EncryptedTokenStore({ backend, keyring });
    for (const userName of ['ann', 'bob', "O'Brien"]) {
      const expiresAt = Date.now() - 1;
      const tokens = { ...server.signIn(userName), obtainedAt: expiresAt - 3_600_000, expiresAt };
      await store.saveToken({ userName, issuer: http.url, clientId: 'app', ...tokens });
      const before = server.ledger.calls.length;
      const answers = await Promise.all(
        children.map(async (child) => {
          child.send(userName);
          const [answer] = await once(child, 'message');
          return answer as { accessToken?: string; outcome?: string; code?: string }[];
        }),
      );
      const all = answers.flat();
      expect(server.ledger.calls.slice(before).map(({ outcome }) => outcome)).toEqual(['renewed']);
      expect(all.filter(({ code }) => code !== undefined)).toEqual([]);
      expect(new Set(all.map(({ accessToken = '' }) => server.userOf(accessToken)))).toEqual(new Set([userName]));
      expect(all.filter(({ outcome }) => outcome === 'refreshed')).toHaveLength(1);
    }
    expect(server.reuses).toBe(0);
    await backend.close();
  });
});
