import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startHttpServer } from '../../scripts/local/http-server.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { fetchOverHttp } from '../support/fetch-over-http.ts';
import { type Isolates, startIsolates } from '../support/start-isolates.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';

const hour = 3_600_000;
const closing: (() => Promise<unknown>)[] = [];
let server: StrictAuthorizationServer;
let isolates: Isolates;
/** The key that seals at the beginning, and the one that takes its place. */
let keyIds: readonly [string, string];
let afterRotation: string;
let user = '';
let users = 0;

beforeAll(async () => {
  const http = await startHttpServer(
    {},
    fetchOverHttp((request) => server.fetch(request)),
  );
  closing.push(() => http.close());
  const client = { clientId: 'worker', redirectUrl: `${http.url}/cb` };
  server = new StrictAuthorizationServer({ issuer: http.url, client });
  const [first, second] = [JSON.parse(await generateKeyring()), JSON.parse(await generateKeyring())];
  const [[one], [two]] = [first.keys, second.keys];
  keyIds = [one.kid, two.kid];
  const before = JSON.stringify({ ...first, keys: [one, { ...two, status: 'pending' }] });
  afterRotation = JSON.stringify({ ...first, primary: two.kid, keys: [one, two] });
  isolates = await startIsolates('test/workerd/refresh-worker.ts', 4, { ISSUER: http.url, KEYRING: before });
  closing.push(() => isolates.dispose());
}, 120_000);

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

beforeEach(() => {
  server.disturb = () => undefined;
});

interface Answer {
  readonly accessToken?: string;
  readonly outcome?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Asks one of the four isolates. */
async function ask(isolate: number, method = 'GET', body?: unknown, of = user): Promise<Answer> {
  const url = new URL(of, isolates.urls[isolate % 4]);
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return text === '' ? {} : JSON.parse(text);
}

/** Somebody who signed in an hour ago: the access token has just expired. */
async function signedIn(): Promise<string> {
  user = `user-${++users}`;
  await signIn(-1);
  return user;
}

async function signIn(expiresInMs: number): Promise<void> {
  const obtainedAt = Date.now() + expiresInMs - hour;
  await ask(0, 'PUT', { ...server.signIn(user), obtainedAt, expiresAt: obtainedAt + hour });
}

const storm = (callers: number): Promise<Answer[]> => Promise.all(Array.from({ length: callers }, (_, n) => ask(n)));
const callsSince = (before: number) => server.ledger.calls.slice(before).map(({ outcome }) => outcome);

/** All of them got the one token that works, from one call of the server that spent one refresh token. */
function expectServed(answers: readonly Answer[], before: number): void {
  expect(callsSince(before)).toEqual(['renewed']);
  expect([...new Set(answers.map(({ code }) => code))]).toEqual([undefined]);
  const tokens = [...new Set(answers.map(({ accessToken }) => accessToken))];
  expect(tokens.map((token) => server.userOf(token ?? ''))).toEqual([user]);
  expect(answers.filter(({ outcome }) => outcome === 'refreshed').length).toBeLessThanOrEqual(1);
  expect(server.isGranted(user)).toBe(true);
}

/** Keeps back what the server answers to this user: it has replaced the refresh token by then. */
function hold(of = user): { readonly held: Promise<void>; release(): void } {
  const [arrived, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  server.disturb = (who) => {
    if (who !== of) return undefined;
    const delay = (): Promise<void> => {
      arrived.resolve();
      return gate.promise;
    };
    return { delay };
  };
  return { held: arrived.promise, release: gate.resolve };
}

describe('forty callers on four workers that share one database', () => {
  test('cost the server one call and are all served, fifty times over', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 50; round++) {
      await signedIn();
      const before = server.ledger.calls.length;
      expectServed(await storm(40), before);
    }
    expect(server.reuses).toBe(0);
  });

  test('do so when the server takes a second and a half', { timeout: 30_000 }, async () => {
    await signedIn();
    const before = server.ledger.calls.length;
    server.disturb = () => ({ delay: () => new Promise((resolve) => setTimeout(resolve, 1500)) });
    expectServed(await storm(40), before);
  });

  test('use a token that is only about to expire, while one of them renews it', async () => {
    user = `user-${++users}`;
    await signIn(2 * 60_000);
    const before = server.ledger.calls.length;
    const { held, release } = hold();
    const first = ask(0);
    await held;
    const others = await storm(40);
    expect([...new Set(others.map(({ outcome }) => outcome))]).toEqual(['kept']);
    release();
    expect((await first).outcome).toBe('refreshed');
    expect(callsSince(before)).toEqual(['renewed']);
  });
});

describe('while one worker renews a token', () => {
  test('its caller may hang up: nothing is lost, nobody hangs, and the next caller finds it fresh', async () => {
    await signedIn();
    const before = server.ledger.calls.length;
    const { held, release } = hold();
    const [{ hostname, port, host }] = isolates.urls as [URL];
    const socket = connect(Number(port), hostname);
    socket.write(`GET /${user} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await held;
    const followers = storm(12);
    socket.resetAndDestroy();
    await once(socket, 'close');
    release();
    expectServed(await followers, before);
    expect((await ask(0)).outcome).toBe('fresh');
    expect(callsSince(before)).toEqual(['renewed']);
  });

  test('a sign-out wins: what the server gave is revoked, and nothing is stored again', async () => {
    await signedIn();
    const { held, release } = hold();
    const caller = ask(0);
    await held;
    const followers = storm(8);
    await ask(1, 'DELETE');
    release();
    for (const { code, reason } of [await caller, ...(await followers)]) {
      expect([code, reason]).toEqual(['E_REAUTH', undefined]);
    }
    expect(server.isGranted(user)).toBe(false);
    expect(await ask(2)).toMatchObject({ code: 'E_REAUTH' });
  });

  test('a new sign-in wins, and is what everybody gets', async () => {
    await signedIn();
    const { held, release } = hold();
    const caller = ask(0);
    await held;
    const tokens = server.signIn(user);
    await ask(1, 'PUT', { ...tokens, obtainedAt: Date.now(), expiresAt: Date.now() + hour });
    release();
    expect(await caller).toMatchObject({ outcome: 'adopted', accessToken: tokens.accessToken });
    for (const answer of await storm(8)) expect(answer).toMatchObject({ accessToken: tokens.accessToken });
    expect(server.reuses).toBe(0);
  });

  test('something else may be saved beside it, and neither is lost', async () => {
    await signedIn();
    const before = server.ledger.calls.length;
    const { held, release } = hold();
    const caller = ask(0);
    await held;
    for (const seen of [1, 2]) await ask(1, 'PATCH', { seen });
    release();
    expectServed([await caller, ...(await storm(8))], before);
    expect(await ask(3, 'PATCH', { seen: 3 })).toMatchObject({ extras: { seen: 3 }, revision: 5 });
  });

  test('somebody else is renewed without waiting for that', async () => {
    const first = await signedIn();
    const { held, release } = hold();
    const caller = ask(0);
    await held;
    await signedIn();
    const before = server.ledger.calls.length;
    expectServed(await storm(8), before);
    release();
    expect(server.userOf((await caller).accessToken ?? '')).toBe(first);
  });

  test('the connection to the server may fail before it has acted: the session is renewed by the next', async () => {
    await signedIn();
    const before = server.ledger.calls.length;
    server.disturb = () => ({ instead: 'disconnect' });
    expect(await ask(0)).toMatchObject({ code: 'E_UNAVAILABLE' });
    server.disturb = () => undefined;
    await expect.poll(() => ask(1), { timeout: 10_000 }).toMatchObject({ outcome: 'refreshed' });
    expect(callsSince(before)).toEqual(['undecided', 'renewed']);
  });

  // last: it leaves the isolates with other keyrings
  test('the keyring may get another primary key: it is sealed with that one, and everybody can open it', async () => {
    await signedIn();
    const before = server.ledger.calls.length;
    const sealedWith = async (): Promise<unknown> => {
      const { results } = await isolates.db
        .prepare('SELECT key_id FROM tokenkeep_record ORDER BY rowid DESC LIMIT 1')
        .all();
      return results[0]?.key_id;
    };
    expect(await sealedWith()).toBe(keyIds[0]);
    const { held, release } = hold();
    const caller = ask(0);
    await held;
    const followers = storm(8);
    for (const url of isolates.urls) await fetch(new URL('/?keyring', url), { method: 'PUT', body: afterRotation });
    release();
    expectServed([await caller, ...(await followers)], before);
    expect(await sealedWith()).toBe(keyIds[1]);
  });
});
