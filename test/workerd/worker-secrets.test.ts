import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findTraces } from '../support/find-traces.ts';
import { type EdgeSetup, setUpEdge } from './edge-setup.ts';

const user = 'sentinel-name-of-the-user';
const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  for (const level of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) {
    vi.spyOn(console, level).mockImplementation(
      (...values: unknown[]) => void logged.push(values.map(String).join(' ')),
    );
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The secrets that the texts hold in any encoding, percent-encoded ones included. */
function secretsIn(texts: readonly string[], secrets: Iterable<string>): string[] {
  const unescaped = (text: string) =>
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const bytes = new TextEncoder().encode(texts.flatMap((text) => [text, unescaped(text)]).join('\n'));
  return [...secrets].filter((secret) => findTraces(bytes, [secret]).length > 0);
}

/** Signs in twice, calls the API, renews, fails in every way at hand, and signs out. Resolves with all that was answered. */
async function live(edge: EdgeSetup): Promise<string[]> {
  const { server } = edge;
  const browser = await edge.signedIn(user);
  edge.api.next = () => Response.json({ hello: 'world' });
  const cookies: string[] = [];
  const note = () => cookies.push([...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; '));
  note();
  await browser.fetch('/api/answer');
  edge.wait(3_600_000);
  await browser.fetch('/api/answer', { method: 'POST', body: 'x' });
  await browser.fetch('/api/..%2fanswer');
  await browser.fetch('/api/answer', { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } });
  const login = await browser.fetch('/auth/login?return_to=/inbox');
  note();
  const back = server.authorize(login.headers.get('Location') ?? '', { user });
  const altered = new URL(back);
  altered.searchParams.set('code', 'sentinel-code-of-nobody');
  await browser.navigate(altered.href);
  await browser.navigate(back.href);
  edge.wait(3_600_000);
  server.down = true;
  await browser.fetch('/api/answer');
  await browser.navigate('/auth/callback?state=x&code=sentinel-code-of-nobody&error=sentinel-error');
  server.down = false;
  edge.api.down = true;
  await browser.fetch('/api/answer');
  await browser.fetch('/auth/logout', { method: 'POST' });
  await browser.fetch('/api/answer');
  expect(browser.received.length).toBeGreaterThan(12);
  return [...browser.received, ...cookies];
}

describe.each(['D1', 'KV'] as const)('with tokens in %s', (kept) => {
  test('no answer, cookie or log holds a token, a code, a verifier, the client’s secret, a key or the user’s name', async () => {
    const edge = await setUpEdge({ kept });
    const answers = await live(edge);
    const keys = JSON.parse(edge.options.keyring as string).keys.map(({ k }: { k: string }) => k);
    expect(edge.server.secrets.size).toBeGreaterThan(8);
    expect(
      secretsIn(
        [...answers, ...logged],
        [...edge.server.secrets, ...keys, 'sentinel-code-of-nobody', 'sentinel-error', user],
      ),
    ).toEqual([]);
    expect(logged).toEqual([]);
  });

  test('the session names the user to its own page, and the token is given to it on request; nothing else', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn(user);
    const before = browser.received.length;
    await browser.fetch('/auth/session');
    await browser.fetch('/auth/token', { method: 'POST' });
    const [session = '', token = ''] = browser.received.slice(before);
    expect(secretsIn([session], [...edge.server.secrets, user])).toEqual([user]);
    expect(secretsIn([token], [...edge.server.secrets, user])).toEqual([expect.stringMatching(/^sentinel-access-/)]);
  });

  test('the database holds none of it either', async () => {
    const edge = await setUpEdge({ kept });
    await edge.signedIn(user);
    const { results } = await env.DB.prepare('SELECT * FROM tokenkeep_record').all();
    const { keys } = await env.KV.list();
    const values = await Promise.all(
      keys.map(async ({ name }) => (await env.KV.get(name, 'arrayBuffer')) as ArrayBuffer),
    );
    const cells: unknown[] = [...results.flatMap((row) => Object.values(row)), ...values, JSON.stringify(keys)];
    expect(cells.length).toBeGreaterThan(10);
    const traces = cells.flatMap((cell) => {
      const binary = cell instanceof ArrayBuffer || Array.isArray(cell);
      const bytes = binary ? new Uint8Array(cell as ArrayBuffer) : new TextEncoder().encode(String(cell));
      return findTraces(bytes, [...edge.server.secrets, user]);
    });
    expect(traces).toEqual([]);
  });
});

test('the search itself finds a secret that is hidden in base64, at any alignment, or in a URL', () => {
  const secret = 'sentinel-access-of-this-test';
  for (const before of ['', 'a', 'ab', 'abc']) {
    const text = btoa(`${before}${secret}`);
    expect(secretsIn([`x=${text}`, `prefix${text}`], [secret])).toEqual([secret]);
  }
  expect(secretsIn([`?a=${encodeURIComponent(`{"${secret}"}`)}`], [secret])).toEqual([secret]);
  expect(secretsIn(['nothing here'], [secret])).toEqual([]);
});
