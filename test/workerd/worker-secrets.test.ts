import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

/** The text, and what it holds in base64 or base64url, at each of the four ways to cut it. */
function readings(text: string): string[] {
  const runs = text.match(/[\w+/-]{24,}/g) ?? [];
  return [
    text,
    decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25')),
    ...runs.flatMap((run) => [0, 1, 2, 3].map((skipped) => decoded(run.slice(skipped)))),
  ];
}

function decoded(run: string): string {
  const whole = run.length % 4 === 1 ? run.slice(0, -1) : run;
  return atob(whole.replaceAll('-', '+').replaceAll('_', '/'));
}

function secretsIn(texts: readonly string[], secrets: Iterable<string>): string[] {
  const all = texts.flatMap(readings).join('\n');
  return [...secrets].filter((secret) => {
    const hex = Array.from(new TextEncoder().encode(secret), (byte) => byte.toString(16).padStart(2, '0')).join('');
    return all.includes(secret) || all.toLowerCase().includes(hex);
  });
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
    const bytes = [...results.flatMap((row) => Object.values(row)), ...values].map((value) =>
      value instanceof ArrayBuffer || Array.isArray(value)
        ? String.fromCharCode(...new Uint8Array(value as ArrayBuffer))
        : String(value),
    );
    expect(bytes.length).toBeGreaterThan(10);
    expect(secretsIn([...bytes, JSON.stringify(keys)], [...edge.server.secrets, user])).toEqual([]);
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
