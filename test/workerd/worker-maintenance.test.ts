import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import type { EdgeOptions } from '../../src/hono/edge-options.ts';
import { type MaintenanceOptions, type MaintenanceReport, maintain } from '../../src/hono/maintain.ts';
import { type EdgeSetup, setUpEdge } from './edge-setup.ts';

const day = 86_400_000;
const minute = 60_000;
/** When an hour's token is to be renewed, and works. */
const almostOver = 57 * minute;

const nothing = {
  renewed: 0,
  left: 0,
  postponed: 0,
  reauthRequired: 0,
  failed: 0,
  foreign: 0,
  damaged: 0,
  resealed: 0,
  more: false,
};

// what has expired is deleted in all tenants
beforeEach(async () => {
  await env.DB.prepare('DELETE FROM tokenkeep_record').run();
});

/** What a run comes to, but for what it has cleared away. */
async function renew({ options }: EdgeSetup, how?: MaintenanceOptions): Promise<Omit<MaintenanceReport, 'deleted'>> {
  const { deleted: _, ...report } = await maintain(options, how);
  return report;
}

const renewals = ({ server }: EdgeSetup): number =>
  server.requests.filter((request) => request === 'POST /token refresh_token').length;

/** An edge that keeps the tokens of so many users fresh, all of them due. */
async function due(users: number, change: Partial<EdgeOptions> = {}): Promise<EdgeSetup> {
  const edge = await setUpEdge({ keepFresh: true, ...change });
  for (let i = 0; i < users; i++) await edge.signedIn(`user-${i}`);
  edge.wait(almostOver);
  return edge;
}

const rows = async (partition: string): Promise<number> =>
  (await env.DB.prepare('SELECT id FROM tokenkeep_record WHERE partition = ?').bind(partition).all()).results.length;

describe('tokens that are to be kept fresh', () => {
  test('are renewed when they are due, and not before', async () => {
    const events: string[] = [];
    const edge = await setUpEdge({ keepFresh: true, onEvent: ({ type }) => void events.push(type) });
    const browser = await edge.signedIn();
    expect(await renew(edge)).toEqual(nothing);
    edge.wait(almostOver);
    expect(await renew(edge)).toEqual({ ...nothing, renewed: 1 });
    expect(await renew(edge)).toEqual(nothing);
    expect(events).toEqual(['refreshed']);
    expect(renewals(edge)).toBe(1);
    expect((await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome')).toBe('fresh');
  });

  test('go on being renewed when nobody uses them, and when they have expired meanwhile', async () => {
    const edge = await due(1);
    for (let round = 1; round <= 3; round++) {
      expect(await renew(edge)).toMatchObject({ renewed: 1 });
      edge.wait(2 * 60 * minute);
    }
    expect([renewals(edge), edge.server.reuses]).toEqual([3, 0]);
  });

  test('are those that asked for it: others are renewed when they are used', async () => {
    const edge = await due(1, { keepFresh: false });
    expect(await renew(edge)).toEqual(nothing);
    expect(renewals(edge)).toBe(0);
  });

  test('are renewed once when two runs overlap, and requests come in between', async () => {
    const edge = await due(7);
    const browser = await edge.signedIn('user-7');
    edge.wait(almostOver);
    const [first, second, ...others] = await Promise.all([
      renew(edge),
      renew(edge),
      browser.fetch('/api/me'),
      browser.fetch('/api/me'),
    ]);
    await Promise.all(edge.left);
    expect(others.map(({ status }) => status)).toEqual([200, 200]);
    expect([renewals(edge), edge.server.reuses]).toEqual([8, 0]);
    const byRuns = first.renewed + second.renewed;
    expect([byRuns === 7 || byRuns === 8, first.failed + second.failed]).toEqual([true, 0]);
  });

  test('are renewed up to a limit, and the rest in the runs after it', async () => {
    const edge = await due(5);
    const reports = [];
    for (let i = 0; i < 4; i++) reports.push(await renew(edge, { limit: 2 }));
    expect(reports.map(({ renewed, more }) => [renewed, more])).toEqual([
      [2, true],
      [2, true],
      [1, false],
      [0, false],
    ]);
    expect(renewals(edge)).toBe(5);
  });

  test('are renewed while there is time, and the rest the next time', async () => {
    const edge = await due(8);
    edge.server.beforeAnswer = async () => edge.wait(minute);
    const first = await renew(edge, { budgetMs: minute });
    expect([first.renewed >= 1 && first.renewed <= 5, first.more]).toEqual([true, true]);
    edge.server.beforeAnswer = async () => undefined;
    expect(await renew(edge)).toMatchObject({ renewed: 8 - first.renewed, more: false });
  });

  test('do not stop each other: each that fails is counted, and nothing of it is told', async () => {
    const edge = await due(6);
    const tokens = await edge.store.getTokens();
    const idOf = (user: string) => tokens.find(({ userName }) => userName === user)?.id as string;
    edge.server.ledger.revoke(tokens.find(({ userName }) => userName === 'user-0')?.refreshToken as string);
    const busy = tokens.find(({ userName }) => userName === 'user-3')?.refreshToken as string;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const asked = await new Request(input as Request, init).text();
      return asked.includes(busy) ? new Response(null, { status: 503 }) : edge.server.fetch(input as Request, init);
    };
    await env.DB.prepare('UPDATE tokenkeep_record SET sealed = ? WHERE id = ?')
      .bind(new Uint8Array(338).fill(1), idOf('user-1'))
      .run();
    const foreign = { id: idOf('user-2'), issuer: 'https://elsewhere.example', accessToken: 'sentinel-access' };
    await edge.store.saveToken({
      ...foreign,
      refreshToken: 'sentinel-refresh',
      keepFresh: true,
      expiresAt: Date.now(),
    });
    const { deleted: _, ...report } = await maintain({ ...edge.options, fetch });
    expect(report).toEqual({ ...nothing, renewed: 2, postponed: 1, reauthRequired: 1, foreign: 1, damaged: 1 });
    expect(await edge.store.findTokenById(idOf('user-0'))).toMatchObject({ reauthRequired: { reason: 'refused' } });
    // whose user has to sign in is not asked for again; who was told to wait is, later
    expect(await renew(edge)).toMatchObject({ renewed: 0, postponed: 0, reauthRequired: 0 });
    await edge.endCooling();
    expect(await renew(edge)).toMatchObject({ renewed: 1, reauthRequired: 0 });
  });

  test('are found behind those of others and behind damaged ones', async () => {
    const edge = await due(1);
    for (let i = 0; i < 3; i++) {
      const token = { userName: `other-${i}`, issuer: 'https://elsewhere.example', clientId: 'other' };
      await edge.store.saveToken({
        ...token,
        refreshToken: `sentinel-${i}`,
        accessToken: 'a',
        keepFresh: true,
        expiresAt: Date.now(),
      });
    }
    expect(await renew(edge, { limit: 1 })).toMatchObject({ renewed: 1, foreign: 3 });
  });

  test('survive a database that fails when the answer is to be stored: the next run knows that it is in doubt', async () => {
    const d1 = d1Backend(env.DB);
    let broken = false;
    const edge = await due(1, {
      backend: {
        ...d1,
        put: async (record, condition) => {
          if (broken) throw new TokenkeepError('E_QUOTA', 'the database is full');
          return d1.put(record, condition);
        },
      },
    });
    broken = true;
    expect(await renew(edge)).toMatchObject({ renewed: 0, failed: 1 });
    broken = false;
    // the claim was given back, in doubt; the strict server detects the reuse that the one retry is
    expect(await renew(edge)).toMatchObject({ reauthRequired: 1 });
    expect([renewals(edge), edge.server.reuses]).toEqual([2, 1]);
    expect((await edge.store.getTokens())[0]).toMatchObject({ reauthRequired: { reason: 'interrupted' } });
  });

  test('whose run died before the server was reached are renewed by a later one', async () => {
    const edge = await due(1);
    const [token] = await edge.store.getTokens();
    const died = await edge.store.claimToken(token as NonNullable<typeof token>, { owner: 'dead', ttlMs: 30_000 });
    expect(died).toEqual({ granted: true, doubts: 0 });
    expect(await renew(edge)).toEqual(nothing);
    await edge.endCooling();
    expect(await renew(edge)).toMatchObject({ renewed: 1 });
    expect([renewals(edge), edge.server.reuses]).toEqual([1, 0]);
  });

  test('are stored by what keeps the runtime alive, though nobody waits for the run any more', async () => {
    const edge = await due(1);
    const [before] = await edge.store.getTokens();
    const left: Promise<unknown>[] = [];
    await new Promise<void>((begun) => {
      edge.server.beforeAnswer = async () => begun();
      void maintain(edge.options, { waitUntil: (work) => void left.push(work) });
    });
    await Promise.all(left);
    const [after] = await edge.store.getTokens();
    expect([after?.revision, after?.refreshToken === before?.refreshToken]).toEqual([2, false]);
  });

  test('are nobody’s to renew who only reads', async () => {
    const edge = await due(1, { role: 'reader' });
    expect(await renew(edge)).toEqual(nothing);
  });

  test('are renewed in KV, too, where the server does not rotate', async () => {
    const edge = await setUpEdge({ kept: 'KV', keepFresh: true });
    await edge.signedIn();
    edge.wait(almostOver);
    expect(await renew(edge)).toEqual({ ...nothing, renewed: 1 });
    expect(await renew(edge)).toEqual(nothing);
  });
});

describe('records whose time is over', () => {
  test('really go: sessions, sign-ins and tokens without a refresh token; and nothing else', async () => {
    const edge = await setUpEdge();
    const partition = (collection: string) => `${edge.options.tenant}/${collection}`;
    await edge.signedIn('idle');
    const active = await edge.signedIn('active');
    await edge.store.saveToken({ userName: 'short', accessToken: 'sentinel', expiresAt: Date.now() + minute });
    edge.wait(3 * day);
    await active.fetch('/auth/session');
    await Promise.all(edge.left);
    const before = { tokens: 3, sessions: 2 };
    expect({ tokens: await rows(partition('tokens')), sessions: await rows(partition('sessions')) }).toEqual(before);
    edge.wait(5 * day);
    const { deleted, more } = await maintain(edge.options);
    expect([deleted, more]).toEqual([4, false]);
    expect(await rows(partition('tokens'))).toBe(2);
    expect(await rows(partition('sessions'))).toBe(1);
    expect(await rows(partition('spent-logins'))).toBe(0);
    expect(await maintain(edge.options)).toEqual({ ...nothing, deleted: 0 });
  });

  test('go by the absolute time-out as well', async () => {
    const edge = await setUpEdge({ sessionMs: day });
    await edge.signedIn();
    edge.wait(day - minute);
    await maintain(edge.options);
    expect(await rows(`${edge.options.tenant}/sessions`)).toBe(1);
    edge.wait(minute);
    await maintain(edge.options);
    expect(await rows(`${edge.options.tenant}/sessions`)).toBe(0);
  });

  test('go some at a time, and two runs do not disturb each other', async () => {
    const edge = await setUpEdge();
    for (let i = 0; i < 13; i++) {
      await edge.store.saveToken({ userName: `user-${i}`, accessToken: 'sentinel', expiresAt: Date.now() + minute });
    }
    edge.wait(minute);
    const first = await maintain(edge.options, { limit: 1 });
    expect([first.deleted, first.more]).toEqual([10, true]);
    const reports = await Promise.all([maintain(edge.options, { limit: 1 }), maintain(edge.options, { limit: 1 })]);
    expect(reports.map(({ deleted }) => deleted).sort()).toEqual([0, 3]);
    expect(await edge.store.getTokens()).toEqual([]);
  });

  test('are left to KV, which drops them by itself', async () => {
    const edge = await setUpEdge({ kept: 'KV' });
    await edge.signedIn();
    edge.wait(40 * day);
    expect(await maintain(edge.options)).toEqual({ ...nothing, deleted: 0 });
  });
});

describe('a run', () => {
  test.each([0, -1, 1.5, Number.NaN])('with a limit of %s is refused', async (limit) => {
    const edge = await setUpEdge();
    await expect(maintain(edge.options, { limit })).rejects.toMatchObject({ code: 'E_CONFIG' });
  });

  test('with wrong options is refused', async () => {
    const { options } = await setUpEdge();
    await expect(maintain({ ...options, api: 'http://sentinel.example' })).rejects.toMatchObject({ code: 'E_CONFIG' });
    await expect(maintain({ ...options, keyring: undefined })).rejects.toMatchObject({ code: 'E_KEYRING' });
  });

  test('reports a database that fails', async () => {
    const { options } = await setUpEdge();
    const backend = {
      ...options.backend,
      due: async () => {
        throw new TokenkeepError('E_STORAGE', 'try again');
      },
    };
    await expect(maintain({ ...options, backend })).rejects.toMatchObject({ code: 'E_STORAGE' });
  });
});
