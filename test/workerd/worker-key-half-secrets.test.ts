import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { fromBase64url } from '../../src/core/base64url.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { findTraces } from '../support/find-traces.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { type EdgeSetup, origin, setUpEdge } from './edge-setup.ts';
import { ours, strange } from './request-origins.ts';

const path = '/auth/key-half';
const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  for (const level of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) {
    vi.spyOn(console, level).mockImplementation((...values: unknown[]) => void logged.push(values.map(String).join()));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function made(browser: TestBrowser): Promise<string> {
  return (await (await browser.fetch(path, { method: 'POST' })).json<{ keyHalf: string }>()).keyHalf;
}

async function read(browser: TestBrowser): Promise<[number, string | undefined]> {
  const response = await browser.fetch(path);
  const { keyHalf, error } = await response.json<{ keyHalf?: string; error?: { code: string } }>();
  return [response.status, keyHalf ?? error?.code];
}

/** A request with the session's cookie that says of itself what the test wants it to. */
function ask(edge: EdgeSetup, browser: TestBrowser, method: string, headers: Record<string, string>) {
  const Cookie = `__Host-tokenkeep-session=${browser.cookie('__Host-').value}`;
  return edge.app.request(`${origin}${path}`, { method, headers: { ...headers, Cookie } });
}

interface SessionRow {
  readonly id: string;
  readonly revision: number;
  readonly expires_at: number;
  readonly sealed: readonly number[];
}

async function sessionRows({ options }: EdgeSetup): Promise<SessionRow[]> {
  const query = env.DB.prepare('SELECT * FROM tokenkeep_record WHERE partition = ? ORDER BY rowid');
  return (await query.bind(`${options.tenant}/sessions`).all<SessionRow>()).results;
}

async function writeRow(id: string, { revision, expires_at, sealed }: Omit<SessionRow, 'id'>): Promise<void> {
  const update = env.DB.prepare('UPDATE tokenkeep_record SET revision = ?, expires_at = ?, sealed = ? WHERE id = ?');
  await update.bind(revision, expires_at, new Uint8Array(sealed), id).run();
}

describe('the half of a key and pages of other origins', () => {
  test.each(strange)('from %s it is 403: neither made, nor shown, nor destroyed', async (_, headers) => {
    const edge = await setUpEdge();
    const [browser, other] = [await edge.signedIn(), await edge.signedIn()];
    const half = await made(browser);
    for (const method of ['POST', 'GET', 'DELETE']) {
      const response = await ask(edge, browser, method, headers);
      const text = await response.text();
      expect([response.status, text.includes('E_CROSS_SITE'), text.includes(half)]).toEqual([403, true, false]);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    expect((await ask(edge, other, 'POST', headers)).status).toBe(403);
    expect([await read(browser), await read(other)]).toEqual([
      [200, half],
      [404, 'E_NO_ROOT'],
    ]);
  });

  test.each(ours)('from %s it is given', async (_, headers) => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const statuses: number[] = [];
    for (const method of ['POST', 'GET', 'DELETE']) {
      const response = await ask(edge, browser, method, headers);
      statuses.push(response.status);
      expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    }
    expect(statuses).toEqual([200, 200, 204]);
  });

  test.each(['POST', 'DELETE'])('an address that somebody typed in does not %s it', async (method) => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    expect((await ask(edge, browser, method, { 'Sec-Fetch-Site': 'none' })).status).toBe(403);
    expect((await ask(edge, browser, method, {})).status).toBe(403);
  });
});

test.each([
  ['a half of its own', JSON.stringify({ keyHalf: 'A'.repeat(43), half: 'A'.repeat(43) })],
  ['what would change the prototype', '{"__proto__":{"keyHalf":"AAAA"},"constructor":{}}'],
  ['what is no JSON', '{"sentinel'],
  ['a megabyte', 'x'.repeat(1_048_576)],
])('a body with %s is not looked at', async (_, body) => {
  const browser = await (await setUpEdge()).signedIn();
  const init = { headers: { 'Content-Type': 'application/json' }, body };
  const response = await browser.fetch(path, { method: 'POST', ...init });
  const { keyHalf } = await response.json<{ keyHalf: string }>();
  expect([response.status, fromBase64url(keyHalf)?.length, keyHalf.startsWith('AAAA')]).toEqual([200, 32, false]);
  expect((await browser.fetch(path, { method: 'DELETE', ...init })).status).toBe(204);
});

test('neither the database, nor an error, nor a log, nor another answer holds the half in any form', async () => {
  let isBroken = false;
  const d1 = d1Backend(env.DB);
  const edge = await setUpEdge({
    backend: {
      ...d1,
      put: async (record, condition) => {
        if (isBroken) throw new TokenkeepError('E_STORAGE', 'the database failed; try again');
        return d1.put(record, condition);
      },
    },
  });
  const [browser, other] = [await edge.signedIn(), await edge.signedIn()];
  const half = await made(browser);
  const answers = browser.received.length;
  expect(await read(browser)).toEqual([200, half]);
  const bytes = fromBase64url(half) as Uint8Array;
  const encoder = new TextEncoder();
  expect(findTraces(encoder.encode(browser.received.slice(answers).join()), [bytes]).length).toBeGreaterThan(0);

  const { results } = await env.DB.prepare('SELECT * FROM tokenkeep_record').all();
  const cells = results.flatMap((row) => Object.values(row));
  expect(cells.length).toBeGreaterThan(20);
  const found = cells.flatMap((cell) =>
    findTraces(Array.isArray(cell) ? Uint8Array.from(cell) : encoder.encode(String(cell)), [bytes]),
  );
  expect(found).toEqual([]);

  const before = browser.received.length;
  expect((await browser.fetch(path, { method: 'POST' })).status).toBe(409);
  await browser.fetch('/auth/session');
  await browser.fetch('/auth/token', { method: 'POST' });
  await browser.fetch('/api/things');
  await read(other);
  isBroken = true;
  expect(await read(browser)).toEqual([503, 'E_STORAGE']);
  isBroken = false;
  for (let i = 0; i < 9; i++) await browser.fetch(path, { method: 'HEAD' });
  expect(await read(browser)).toEqual([429, 'E_UNAVAILABLE']);
  await browser.fetch('/auth/logout', { method: 'POST' });
  await read(browser);
  const said = [...browser.received.slice(before), ...other.received, ...logged].join();
  expect(findTraces(encoder.encode(said), [bytes])).toEqual([]);
  expect(logged).toEqual([]);
});

describe('a session record that somebody has altered in the database', () => {
  test('gives no half, whichever byte it is', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const half = await made(browser);
    const [row] = (await sessionRows(edge)) as [SessionRow];
    for (let at = 0; at < row.sealed.length; at += 16) {
      const sealed = row.sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
      await writeRow(row.id, { ...row, sealed });
      expect(await read(browser)).toEqual([401, 'E_REAUTH']);
    }
    await writeRow(row.id, row);
    expect(await read(browser)).toEqual([200, half]);
  });

  test('gives no half to another session whose bytes are put in its place, nor lasts longer', async () => {
    const edge = await setUpEdge();
    const [victim, attacker] = [await edge.signedIn('victim'), await edge.signedIn('attacker')];
    await made(victim);
    const [first, second] = (await sessionRows(edge)) as [SessionRow, SessionRow];
    await writeRow(second.id, first);
    expect(await read(attacker)).toEqual([401, 'E_REAUTH']);
    await writeRow(first.id, { ...first, expires_at: first.expires_at + 1 });
    expect(await read(victim)).toEqual([401, 'E_REAUTH']);
  });

  test('case 20: brings the half back when its whole former row is, until the end that is sealed in it', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const half = await made(browser);
    const [row] = (await sessionRows(edge)) as [SessionRow];
    await browser.fetch(path, { method: 'DELETE' });
    expect(await read(browser)).toEqual([404, 'E_NO_ROOT']);
    await writeRow(row.id, row);
    expect(await read(browser)).toEqual([200, half]);
    await writeRow(row.id, row);
    edge.wait(7 * 86_400_000);
    expect(await read(browser)).toEqual([401, 'E_REAUTH']);
  });
});
