import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { fromBase64url } from '../../src/core/base64url.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { readSession } from '../../src/hono/session-cookie.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { countingD1 } from './counting-d1.ts';
import { origin, setUpEdge } from './edge-setup.ts';

const path = '/auth/key-half';
const minute = 60_000;

/** The status, and the half or the code of the error. */
async function ask(browser: TestBrowser, method: string): Promise<[number, string | undefined]> {
  const response = await browser.fetch(path, { method });
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  if (response.status === 204) return [204, undefined];
  const { keyHalf, error } = await response.json<{ keyHalf?: string; error?: { code: string } }>();
  return [response.status, keyHalf ?? error?.code];
}

describe('the half of a key in D1', () => {
  test('is 32 random bytes, one for each session, and the same at every read', async () => {
    const edge = await setUpEdge();
    const [browser, other] = [await edge.signedIn(), await edge.signedIn()];
    const [status, half = ''] = await ask(browser, 'POST');
    expect([status, fromBase64url(half)?.length]).toEqual([200, 32]);
    expect(await ask(browser, 'GET')).toEqual([200, half]);
    expect(await ask(browser, 'GET')).toEqual([200, half]);
    expect(await ask(other, 'GET')).toEqual([404, 'E_NO_ROOT']);
    expect((await ask(other, 'POST'))[1]).not.toBe(half);
    expect(await ask(browser, 'GET')).toEqual([200, half]);
  });

  test('is made once: a second one is refused, and the first one stays', async () => {
    const browser = await (await setUpEdge()).signedIn();
    const [, half] = await ask(browser, 'POST');
    expect(await ask(browser, 'POST')).toEqual([409, 'E_CONFLICT']);
    expect(await ask(browser, 'GET')).toEqual([200, half]);
  });

  test('is gone for good when it is destroyed, which can be repeated, and the next one is another', async () => {
    const browser = await (await setUpEdge()).signedIn();
    const [, half] = await ask(browser, 'POST');
    expect(await ask(browser, 'DELETE')).toEqual([204, undefined]);
    expect(await ask(browser, 'DELETE')).toEqual([204, undefined]);
    expect(await ask(browser, 'GET')).toEqual([404, 'E_NO_ROOT']);
    const [status, next] = await ask(browser, 'POST');
    expect([status, next === half]).toEqual([200, false]);
  });

  test.each(['POST', 'GET', 'DELETE'])('answers 401 to %s of who is not signed in', async (method) => {
    const edge = await setUpEdge();
    expect(await ask(edge.newBrowser(), method)).toEqual([401, 'E_REAUTH']);
  });

  test.each(['PUT', 'PATCH', 'OPTIONS'])('takes no %s', async (method) => {
    const browser = await (await setUpEdge()).signedIn();
    expect((await browser.fetch(path, { method })).status).toBe(404);
  });

  test('can be read ten times a minute, and is refused without a write until the minute is over', async () => {
    const db = countingD1(env.DB);
    const edge = await setUpEdge({ backend: d1Backend(db) });
    const browser = await edge.signedIn();
    const [, half] = await ask(browser, 'POST');
    for (let i = 0; i < 10; i++) expect(await ask(browser, 'GET')).toEqual([200, half]);
    db.take();
    edge.wait(20_000);
    const response = await browser.fetch(path);
    expect([response.status, await response.json()]).toMatchObject([429, { error: { code: 'E_UNAVAILABLE' } }]);
    const wait = Number(response.headers.get('Retry-After'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(40);
    expect(db.take().map(({ rowsWritten }) => rowsWritten)).toEqual([0]);
    edge.wait(wait * 1000);
    expect(await ask(browser, 'GET')).toEqual([200, half]);
  });

  test('counts anew after the clock was set back, and never makes anybody wait for longer than the minute', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [, half] = await ask(browser, 'POST');
    for (let i = 0; i < 10; i++) await ask(browser, 'GET');
    edge.wait(-30_000);
    expect((await browser.fetch(path)).headers.get('Retry-After')).toBe('60');
    edge.wait(-31_000);
    expect(await ask(browser, 'GET')).toEqual([200, half]);
  });

  test('costs one read and one write of the session, and destroying none a read', async () => {
    const db = countingD1(env.DB);
    const edge = await setUpEdge({ backend: d1Backend(db) });
    const browser = await edge.signedIn();
    edge.wait(minute);
    for (const [method, expected] of [
      ['POST', ['SELECT', 'UPDATE']],
      ['POST', ['SELECT']],
      ['GET', ['SELECT', 'UPDATE']],
      ['DELETE', ['SELECT', 'UPDATE']],
      ['DELETE', ['SELECT']],
      ['GET', ['SELECT']],
    ] as const) {
      db.take();
      await ask(browser, method);
      await Promise.all(edge.left);
      const statements = db.take();
      expect(statements.map(({ sql }) => sql.slice(0, 6))).toEqual(expected);
      for (const { values } of statements) expect(values).toContain(`${edge.options.tenant}/sessions`);
    }
  });

  test('is not among what a handler is told of the session', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    await ask(browser, 'POST');
    const app = new Hono().get('/', async (c) => c.json((await readSession(c, edge.options)) ?? {}));
    const headers = { Cookie: `__Host-tokenkeep-session=${browser.cookie('__Host-').value}` };
    const session = (await (await app.request(`${origin}/`, { headers })).json()) as object;
    expect(Object.keys(session).sort()).toEqual(['expiresAt', 'id', 'lastSeenAt', 'startedAt', 'tokenId']);
    const answer = await browser.fetch('/auth/session');
    expect(Object.keys((await answer.json()) as object).sort()).toEqual(
      ['expiresAt', 'scope', 'sessionExpiresAt', 'signedIn', 'user'].sort(),
    );
  });
});

describe('of several requests at once', () => {
  test('one makes the half, and all others are told that it is there', async () => {
    const browser = await (await setUpEdge()).signedIn();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(browser, 'POST')));
    const made = answers.filter(([status]) => status === 200);
    expect(made.length).toBe(1);
    expect(answers.filter(([status, code]) => status === 409 && code === 'E_CONFLICT').length).toBe(7);
    expect(await ask(browser, 'GET')).toEqual(made[0]);
  });

  test('ten read it, and no more, however they are interleaved', async () => {
    const browser = await (await setUpEdge()).signedIn();
    const [, half] = await ask(browser, 'POST');
    const answers = await Promise.all(Array.from({ length: 14 }, () => ask(browser, 'GET')));
    expect(answers.filter(([status, value]) => status === 200 && value === half).length).toBe(10);
    expect(answers.filter(([status, value]) => status === 429 && value === 'E_UNAVAILABLE').length).toBe(4);
  });

  test('one that notes the use of the session takes no half away, nor keeps it from being made', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.wait(86_400_000);
    const [[status, half]] = await Promise.all([ask(browser, 'POST'), browser.fetch('/auth/session')]);
    await Promise.all(edge.left);
    expect(status).toBe(200);
    edge.wait(86_400_000);
    const [read] = await Promise.all([ask(browser, 'GET'), browser.fetch('/auth/session')]);
    await Promise.all(edge.left);
    expect([read, await ask(browser, 'GET')]).toEqual([
      [200, half],
      [200, half],
    ]);
  });

  test('nobody is kept waiting for ever by others who write the session again and again', async () => {
    const d1 = d1Backend(env.DB);
    let puts = 0;
    const backend: RecordBackend = {
      ...d1,
      async put(record, condition) {
        if (condition.revision === undefined) return d1.put(record, condition);
        puts++;
        return 'conflict';
      },
    };
    const browser = await (await setUpEdge({ backend })).signedIn();
    const response = await browser.fetch(path, { method: 'POST' });
    expect([response.status, response.headers.get('Retry-After'), puts]).toEqual([429, '1', 16]);
  });
});

test.each(['POST', 'GET', 'DELETE'])(
  'in KV there is no half of a key: %s is refused, and writes nothing',
  async (method) => {
    const edge = await setUpEdge({ kept: 'KV' });
    const browser = await edge.signedIn();
    const before = await env.KV.list();
    expect(await ask(browser, method)).toEqual([503, 'E_UNSUPPORTED']);
    expect(await env.KV.list()).toEqual(before);
  },
);
