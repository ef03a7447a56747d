import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { setSealedCookie } from '../../src/hono/sealed-cookie.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { countingD1 } from './counting-d1.ts';
import { backends, type EdgeSetup, setUpEdge } from './edge-setup.ts';
import { recordingKv } from './recording-kv.ts';

const day = 86_400_000;
const name = '__Host-tokenkeep-session';

const isSignedIn = async (browser: TestBrowser): Promise<boolean> =>
  (await (await browser.fetch('/auth/session')).json<{ signedIn: boolean }>()).signedIn;

/** A browser into which somebody has copied a session's cookie. */
function withCookie(edge: EdgeSetup, value: string): TestBrowser {
  const browser = edge.newBrowser();
  browser.plant(name, value);
  return browser;
}

async function sessionRows({ options }: EdgeSetup): Promise<{ id: string; revision: number; expires_at: number }[]> {
  const query = env.DB.prepare('SELECT id, revision, expires_at FROM tokenkeep_record WHERE partition = ?');
  return (await query.bind(`${options.tenant}/sessions`).all<any>()).results;
}

describe.each(Object.keys(backends) as ('D1' | 'KV')[])('a session in %s', (kept) => {
  test('ends after seven days without a request', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    edge.wait(7 * day - 1000);
    expect(await isSignedIn(withCookie(edge, browser.cookie(name).value))).toBe(true);
    await Promise.all(edge.left);
    edge.wait(7 * day);
    expect(await isSignedIn(browser)).toBe(false);
    expect((await browser.fetch('/api/me')).status).toBe(401);
  });

  test('goes on as long as it is used, and ends after thirty days all the same', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    for (let days = 6; days < 30; days += 6) {
      edge.wait(6 * day);
      expect((await browser.fetch('/api/me')).status).toBe(200);
      await Promise.all(edge.left);
    }
    edge.wait(6 * day);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('is shorter at once where its time-outs are made shorter', async () => {
    const edge = await setUpEdge({ kept });
    const { value } = (await edge.signedIn()).cookie(name);
    edge.wait(day);
    for (const change of [{ idleMs: day }, { sessionMs: day }]) {
      const { keyring, tenant = '', now = Date.now } = edge.options;
      const later = await setUpEdge({ kept, keyring, tenant, now, ...change });
      expect(await isSignedIn(withCookie(later, value))).toBe(false);
    }
    expect(await isSignedIn(withCookie(edge, value))).toBe(true);
  });

  test('ends with the next sign-in of its browser, and no other does', async () => {
    const edge = await setUpEdge({ kept });
    const [browser, other] = [await edge.signedIn(), await edge.signedIn()];
    const former = browser.cookie(name).value;
    const login = await browser.fetch('/auth/login');
    // the way back is a navigation from another site, which a browser makes without this cookie
    await browser.navigate(
      edge.server.authorize(login.headers.get('Location') ?? '', { user: 'user-of-the-test' }).href,
    );
    expect(browser.cookie(name).value).not.toBe(former);
    expect(await isSignedIn(withCookie(edge, former))).toBe(false);
    expect([await isSignedIn(browser), await isSignedIn(other)]).toEqual([true, true]);
  });

  test('is none when its cookie is one of an earlier version, which named the token itself', async () => {
    const edge = await setUpEdge({ kept });
    await edge.signedIn();
    const [token] = await edge.store.getTokens();
    const app = new Hono().get('/', async (c) => {
      const { tenant = '', keyring } = edge.options;
      const kind = { name, collection: 'session-cookie', sameSite: 'Strict' } as const;
      const earlier = { tokenId: token?.id as string, expiresAt: Date.now() + day };
      await setSealedCookie(c, { keyring: await importKeyring(keyring), tenant }, kind, earlier, day);
      return c.body(null);
    });
    const [line = ''] = (await app.request('/')).headers.getSetCookie();
    expect(await isSignedIn(withCookie(edge, line.slice(name.length + 1, line.indexOf(';'))))).toBe(false);
  });

  test('is told of by when it ends', async () => {
    const edge = await setUpEdge({ kept, sessionMs: 8 * day });
    const browser = await edge.signedIn();
    const started = edge.options.now?.() ?? 0;
    const ends = async () =>
      (await (await browser.fetch('/auth/session')).json<{ sessionExpiresAt: number }>()).sessionExpiresAt - started;
    expect(Math.abs((await ends()) - 7 * day)).toBeLessThan(60_000);
    edge.wait(6 * day);
    await browser.fetch('/auth/session');
    await Promise.all(edge.left);
    expect(Math.abs((await ends()) - 8 * day)).toBeLessThan(60_000);
  });
});

describe('a session in D1', () => {
  test('costs one read, and a call of the API with a fresh token one more', async () => {
    const db = countingD1(env.DB);
    const edge = await setUpEdge({ backend: d1Backend(db) });
    const browser = await edge.signedIn();
    db.take();
    expect((await browser.fetch('/api/me')).status).toBe(200);
    await Promise.all(edge.left);
    const statements = db.take();
    expect(statements.map(({ sql }) => sql.slice(0, 6))).toEqual(['SELECT', 'SELECT']);
    const partitions = statements.map(({ values }) => values[0]);
    expect(partitions).toEqual([`${edge.options.tenant}/sessions`, `${edge.options.tenant}/tokens`]);
  });

  test('is written once in a tenth of its idle time, however many ask', async () => {
    const db = countingD1(env.DB);
    const edge = await setUpEdge({ backend: d1Backend(db) });
    const browser = await edge.signedIn();
    const { value } = browser.cookie(name);
    const written = async (): Promise<number> => {
      db.take();
      await Promise.all([1, 2, 3, 4, 5].map(() => withCookie(edge, value).fetch('/auth/session')));
      await Promise.all(edge.left);
      return db.take().filter(({ rowsWritten }) => rowsWritten > 0).length;
    };
    expect(await written()).toBe(0);
    edge.wait(0.7 * day - 60_000);
    expect(await written()).toBe(0);
    edge.wait(60_000);
    expect(await written()).toBe(1);
    expect(await written()).toBe(0);
    expect(await sessionRows(edge)).toMatchObject([{ revision: 2 }]);
  });

  test('keeps nobody waiting for its write, nor fails with it', async () => {
    const d1 = d1Backend(env.DB);
    let fail: (error: Error) => void = () => undefined;
    const held = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const edge = await setUpEdge({
      backend: { ...d1, put: (record, condition) => (record.revision > 1 ? held : d1.put(record, condition)) },
    });
    const browser = await edge.signedIn();
    edge.wait(day);
    expect(await isSignedIn(browser)).toBe(true); // although the write has not ended, and will not
    fail(new Error('the database is gone'));
    await Promise.all(edge.left);
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('that somebody has prolonged in the database does not open any more', async () => {
    const edge = await setUpEdge({ sessionMs: day });
    const browser = await edge.signedIn();
    const [row] = await sessionRows(edge);
    const prolong = env.DB.prepare('UPDATE tokenkeep_record SET expires_at = expires_at + 1 WHERE id = ?');
    await prolong.bind(row?.id).run();
    expect(await isSignedIn(browser)).toBe(false);
    // a user whose session was damaged signs in again, or out
    expect((await browser.fetch('/auth/logout', { method: 'POST' })).status).toBe(200);
    expect([browser.cookies.size, await sessionRows(edge)]).toEqual([0, []]);
    expect(await isSignedIn(await edge.signedIn())).toBe(true);
  });

  test('does not open as another one: the bytes of a session are bound to its id', async () => {
    const edge = await setUpEdge();
    await edge.signedIn('victim');
    const attacker = await edge.signedIn('attacker');
    const query = env.DB.prepare('SELECT id, sealed, expires_at FROM tokenkeep_record WHERE partition = ?');
    const [first, second] = (await query.bind(`${edge.options.tenant}/sessions`).all<any>()).results;
    for (const [to, from] of [
      [first, second],
      [second, first],
    ]) {
      const copy = env.DB.prepare('UPDATE tokenkeep_record SET sealed = ?, expires_at = ? WHERE id = ?');
      await copy.bind(new Uint8Array(from.sealed), from.expires_at, to.id).run();
    }
    expect(await isSignedIn(attacker)).toBe(false);
  });
});

describe('a session in KV', () => {
  test.each([
    [undefined, 7 * 86_400],
    [60_000, 60],
    [90_500, 91],
  ])('is dropped by KV when an idle time of %s ms is over, and lives as long as KV demands', async (idleMs, ttl) => {
    const kv = recordingKv(env.KV);
    const idle = idleMs === undefined ? {} : { idleMs };
    const edge = await setUpEdge({ kept: 'KV', backend: kvBackend(kv), ...idle });
    await edge.signedIn();
    const records = kv.writes.filter(({ key }) => key.includes('/sessions/'));
    expect(records.length).toBeGreaterThan(1);
    for (const { options } of records) expect(options?.expirationTtl).toBe(ttl);
  });

  test('is written once in a tenth of its idle time: KV takes one write a second for a key', async () => {
    let late = 0;
    const now = () => Date.now() + late;
    const kv = recordingKv(env.KV);
    const edge = await setUpEdge({ kept: 'KV', backend: kvBackend(kv, { now }), idleMs: 60_000, now });
    const browser = await edge.signedIn();
    const writes = async () => {
      const before = kv.writes.length;
      for (let i = 0; i < 3; i++) await browser.fetch('/auth/session');
      await Promise.all(edge.left);
      return kv.writes.slice(before).filter(({ key }) => key.includes('r/') && key.includes('/sessions/')).length;
    };
    expect(await writes()).toBe(0);
    late += 6000;
    expect(await writes()).toBe(1);
    expect(await writes()).toBe(0);
  });
});
