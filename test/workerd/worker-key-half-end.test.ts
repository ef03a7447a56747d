import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { administration } from '../../src/hono/administration.ts';
import { maintain } from '../../src/hono/maintain.ts';
import { type EdgeKeyHalf, edgeKeyHalf } from '../../src/vault/edge-key-half.ts';
import { expectCode } from '../support/expect-code.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { type EdgeSetup, setUpEdge } from './edge-setup.ts';

const day = 86_400_000;
const secret = 'sentinel-secret-of-the-administration';
const user = 'user-of-the-test';

/** What a page of this browser has of the half. */
const halfOf = (browser: TestBrowser): EdgeKeyHalf =>
  edgeKeyHalf({ fetch: (url, { method = '' } = {}) => browser.fetch(String(url), { method }) });

/** The half, or the code of the error. */
const outcomeOf = (browser: TestBrowser): Promise<unknown> =>
  halfOf(browser)
    .fetch()
    .catch((error: { readonly code: string }) => error.code);

/** A browser into which somebody has copied the session's cookie of another one. */
function copyOf(edge: EdgeSetup, browser: TestBrowser): TestBrowser {
  const copy = edge.newBrowser();
  const { name, value } = browser.cookie('__Host-tokenkeep-session');
  copy.plant(name, value);
  return copy;
}

async function administer({ options }: EdgeSetup, path: string, body: object): Promise<void> {
  const app = new Hono().route(
    '/',
    administration(() => ({ ...options, secret })),
  );
  const headers = { Authorization: `Bearer ${secret}` };
  const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

async function sessionsOf({ options }: EdgeSetup): Promise<number> {
  return (await options.backend.page(`${options.tenant}/sessions`, 100)).records.length;
}

const signOut = (browser: TestBrowser, everywhere = false): Promise<Response> => {
  const headers = { 'Content-Type': 'application/json' };
  return browser.fetch('/auth/logout', { method: 'POST', headers, body: JSON.stringify({ everywhere }) });
};

/** Everything that ends a session. */
const ends: readonly (readonly [name: string, end: (edge: EdgeSetup, browser: TestBrowser) => Promise<unknown>])[] = [
  ['signing out', (_, browser) => signOut(browser)],
  [
    'signing out in a browser that others share the token with',
    async (edge, browser) => {
      await edge.signedIn();
      await signOut(browser);
    },
  ],
  ['signing out everywhere, in another browser', async (edge) => signOut(await edge.signedIn(), true)],
  [
    'revoking the token',
    async (edge) => {
      const [token] = await edge.store.findTokens({ userName: user });
      await administer(edge, '/revoke', { id: token?.id });
    },
  ],
  ['revoking the user', (edge) => administer(edge, '/revoke-user', { user })],
  ['the idle time-out', async (edge) => edge.wait(7 * day)],
  [
    'the absolute time-out',
    async (edge, browser) => {
      for (let days = 0; days < 30; days += 6) {
        edge.wait(6 * day);
        await browser.fetch('/auth/session');
        await Promise.all(edge.left);
      }
    },
  ],
  [
    'signing in anew',
    async (edge, browser) => {
      const login = await browser.fetch('/auth/login');
      await browser.navigate(edge.server.authorize(login.headers.get('Location') ?? '', { user }).href);
    },
  ],
];

describe.each(ends)('%s', (_, end) => {
  test('destroys the half of the key for good, for whoever has a copy of the cookie too', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const half = await halfOf(browser).create();
    const copy = copyOf(edge, browser);
    expect(await halfOf(copy).fetch()).toEqual(half);
    await end(edge, browser);
    await expectCode('E_REAUTH', () => halfOf(copy).fetch());
    await expectCode('E_REAUTH', () => halfOf(copy).create());
    await expectCode('E_REAUTH', () => halfOf(copy).destroy());
    const later = await edge.signedIn();
    await expectCode('E_NO_ROOT', () => halfOf(later).fetch());
    expect(await halfOf(later).create()).not.toEqual(half);
  });
});

test('scheduled work deletes the record of a half whose session has run out, from the database as well', async () => {
  const edge = await setUpEdge();
  await halfOf(await edge.signedIn()).create();
  expect(await sessionsOf(edge)).toBe(1);
  edge.wait(7 * day);
  await maintain(edge.options);
  expect(await sessionsOf(edge)).toBe(0);
});

test('reading the half counts as a use of the session', async () => {
  const edge = await setUpEdge();
  const browser = await edge.signedIn();
  const half = await halfOf(browser).create();
  for (let days = 0; days < 24; days += 6) {
    edge.wait(6 * day);
    expect(await halfOf(browser).fetch()).toEqual(half);
  }
});

describe('a sign-out while the half is', () => {
  /** An edge on which a session ends between the reading and the writing of its record. */
  async function endingMeanwhile(): Promise<{ edge: EdgeSetup; end: (work: () => Promise<unknown>) => void }> {
    const d1 = d1Backend(env.DB);
    let ending: (() => Promise<unknown>) | undefined;
    const backend: RecordBackend = {
      ...d1,
      async put(record, condition) {
        const work = condition.revision === undefined ? undefined : ending;
        if (work !== undefined) ending = undefined;
        await work?.();
        return d1.put(record, condition);
      },
    };
    const end = (work: () => Promise<unknown>): void => {
      ending = work;
    };
    return { edge: await setUpEdge({ backend }), end };
  }

  test.each(['create', 'fetch', 'destroy'] as const)('under way to %s wins, and nothing comes back', async (act) => {
    const { edge, end } = await endingMeanwhile();
    const browser = await edge.signedIn();
    const copy = copyOf(edge, browser);
    if (act !== 'create') await halfOf(browser).create();
    end(() => signOut(copy));
    await expectCode('E_REAUTH', () => halfOf(browser)[act]());
    expect(await sessionsOf(edge)).toBe(0);
  });

  test('read ends with an error or with what was there, and the session is gone, whichever comes first', async () => {
    const edge = await setUpEdge();
    for (let i = 0; i < 5; i++) {
      const browser = await edge.signedIn();
      const half = await halfOf(browser).create();
      const [read] = await Promise.all([outcomeOf(copyOf(edge, browser)), signOut(browser)]);
      expect([half, 'E_REAUTH']).toContainEqual(read);
      expect(await sessionsOf(edge)).toBe(0);
    }
  });

  test('made and destroyed at the same time is there or not, and what was read last is what there is', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    await Promise.all([halfOf(browser).create(), halfOf(browser).destroy()]);
    const first = await outcomeOf(browser);
    expect(await outcomeOf(browser)).toEqual(first);
    if (first === 'E_NO_ROOT') expect((await halfOf(browser).create()).length).toBe(32);
  });
});
