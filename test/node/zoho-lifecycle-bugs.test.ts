import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { type ZohoClientOptions, zohoClient } from '../../src/integrations/zoho/index.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { findTraces } from '../support/find-traces.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { startZohoServer, type ZohoServer, type ZohoServerOptions } from '../support/zoho-server.ts';

const hour = 3_600_000;
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Two data centres on this machine, each with a client of its own, and one store for all users. */
async function start(options: ZohoServerOptions = {}, backend?: RecordBackend) {
  let time = Date.UTC(2026, 10, 23);
  const now = (): number => time;
  const clientOf = (location: string) => ({
    clientId: `1000.${location.toUpperCase()}`,
    clientSecret: `the secret of the client in ${location}`,
    redirectUrl: 'https://app.example/callback',
  });
  const servers: ZohoServer[] = [];
  for (const location of ['us', 'eu']) {
    const server = await startZohoServer({ location, clients: [clientOf(location)], now, ...options });
    ends.push(() => server.close());
    servers.push(server);
  }
  const [us, eu] = servers as [ZohoServer, ZohoServer];
  const store = new EncryptedTokenStore({ backend: backend ?? memoryBackend({ now }), keyring: await testKeyring() });
  const clientAt = (server: ZohoServer, changed: Partial<ZohoClientOptions> = {}) =>
    zohoClient({ store, dataCenter: server.dataCenter, ...server.client, scope: ['a.READ'], now, ...changed });
  const pass = (ms: number): void => {
    time += ms;
  };
  return { us, eu, store, clientAt, now, pass };
}

const ownerOf = async (response: Response): Promise<unknown> => (await response.json()).data[0].Owner.email;

describe('Bugs of the lifecycle in Zoho’s SDKs', () => {
  test('LC1: calls of two users that interleave carry the token of each', async () => {
    const { us, clientAt, pass } = await start();
    const client = clientAt(us);
    const users = ['alice', 'bob'];
    for (const userName of users) await client.redeem(us.grant(userName), { userName });
    pass(hour); // so that each has to be renewed in between, too
    const twice = async (userName: string) => {
      const source = client.source({ userName });
      return [
        await ownerOf(await source.fetch('/crm/v8/Leads')),
        await ownerOf(await source.fetch('/crm/v8/Contacts')),
      ];
    };
    const owners = await Promise.all([...users, ...users, ...users].map(twice));
    const expected = users.map((user) => [`${user}@example.com`, `${user}@example.com`]);
    expect(owners).toEqual([...expected, ...expected, ...expected]);
    expect(us.requests.filter(({ form }) => form.grant_type === 'refresh_token')).toHaveLength(2);
  });

  test('LC2: a change of the user sends nothing of him to the data centre of the one before', async () => {
    const { us, eu, store, clientAt, pass } = await start();
    const american = clientAt(us);
    const european = clientAt(eu);
    await american.redeem(us.grant('ann'), { userName: 'ann' });
    await european.redeem(eu.grant('bob'), { userName: 'bob' });
    for (let turn = 1; turn <= 2; turn++) {
      pass(hour);
      for (const [client, userName] of [
        [american, 'ann'],
        [european, 'bob'],
      ] as const) {
        const response = await client.source({ userName }).fetch('/crm/v8/Leads');
        expect(await ownerOf(response)).toBe(`${userName}@example.com`);
      }
    }
    // whoever asks the wrong client for a user gets nothing, and nothing is sent
    await expectCode('E_REAUTH', american.source({ userName: 'bob' }).getToken());
    const bob = await store.findToken({ userName: 'bob' });
    expect(bob?.apiDomain).toBe(eu.dataCenter.api);
    await expectCode('E_CONFIG', american.source({ id: bob?.id as string }).fetch('/crm/v8/Leads'));
    for (const [server, secrets] of [
      [us, [...eu.tokens.secrets, eu.client.clientSecret]],
      [eu, [...us.tokens.secrets, us.client.clientSecret]],
    ] as const) {
      const seen = inspect(server.requests, { depth: null });
      for (const secret of secrets) expect(seen).not.toContain(secret);
    }
  });

  test('LC2: one client with users of two data centres renews and revokes each where his account is', async () => {
    const registration = {
      clientId: '1000.BOTH',
      clientSecret: 'the secret of both',
      redirectUrl: 'https://app.example/',
    };
    const { us, eu, clientAt, pass } = await start({ clients: [registration] });
    const client = clientAt(us, { ...registration, dataCenters: [us.dataCenter, eu.dataCenter] });
    for (const [user, at] of [
      ['ann', us],
      ['bob', eu],
    ] as const) {
      const { url, transaction } = await client.authorize();
      await client.complete(transaction, us.authorize(url, user, at), { userName: user });
    }
    pass(hour);
    for (const userName of ['ann', 'bob']) {
      expect(await ownerOf(await client.source({ userName }).fetch('/crm/v8/Leads'))).toBe(`${userName}@example.com`);
      expect(await client.revoke({ userName })).toBe('revoked');
    }
    const types = ['authorization_code', 'refresh_token', undefined];
    for (const server of [us, eu]) {
      const asked = server.requests.filter(({ to }) => to === 'accounts');
      expect(asked.map(({ form }) => form.grant_type)).toEqual(types);
    }
  });

  test('LC3: an API that a stored token names decides nothing, wherever the name came from', async () => {
    const { us, eu, store, clientAt, pass } = await start();
    const client = clientAt(us);
    const { id } = await client.redeem(us.grant('ann'), { userName: 'ann' });
    const source = client.source({ userName: 'ann' });
    for (const apiDomain of ['https://evil.example', eu.dataCenter.api, `${us.dataCenter.api}.evil.example`, 'x']) {
      await store.saveToken({ id, apiDomain });
      const before = us.requests.length;
      await expectCode('E_CONFIG', source.fetch('/crm/v8/Leads'));
      await expectCode('E_CONFIG', source.fetch(`${us.dataCenter.api}/crm/v8/Leads`));
      expect(us.requests).toHaveLength(before);
    }
    expect(eu.requests).toEqual([]);
    // the refresh token goes where the token came from, and the answer sets the name right
    pass(hour);
    await source.getToken();
    expect(await ownerOf(await source.fetch('/crm/v8/Leads'))).toBe('ann@example.com');
  });

  test('LC3: an answer that names another API is refused, at the sign-in and when a token is renewed', async () => {
    const { us, eu, store, clientAt, pass } = await start();
    const client = clientAt(us);
    const { apiDomain, accessToken } = await client.redeem(us.grant('ann'), { userName: 'ann' });
    us.quirks.apiDomain = () => eu.dataCenter.api;
    await expectCode('E_OAUTH', client.redeem(us.grant('bob'), { userName: 'bob' }));
    pass(hour);
    await expectCode('E_UNAVAILABLE', client.source({ userName: 'ann' }).fetch('/crm/v8/Leads'));
    expect(await store.getTokens()).toMatchObject([{ userName: 'ann', apiDomain, accessToken }]);
    expect(eu.requests).toEqual([]);
  });

  test('LC4: no secret is in the database, in a lookup, in an address, in an event or in an error', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-zoho-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const backend = sqliteBackend(join(folder, 'tokens.db'));
    ends.push(() => backend.close());
    const { us, store, clientAt, pass } = await start({}, backend);
    const told: unknown[] = [];
    const client = clientAt(us, { onEvent: (event) => told.push(event) });
    const users = ['ann@customer.example', 'bob@customer.example'];
    for (const userName of users) await client.redeem(us.grant(userName), { userName });
    pass(hour);
    for (const userName of users) await client.source({ userName }).fetch('/crm/v8/Leads');
    us.tokens.revoke((await store.findToken({ userName: users[0] as string }))?.refreshToken as string);
    pass(hour);
    told.push(await expectCode('E_REAUTH', client.source({ userName: users[0] as string }).getToken()));
    told.push(await expectCode('E_OAUTH', client.redeem('1000.0123456789abcdef.0123456789abcdef')));
    const secrets = [...us.tokens.secrets, us.client.clientSecret as string, ...users];
    expect(secrets.length).toBeGreaterThan(8);
    for (const name of readdirSync(folder)) expect(findTraces(readFileSync(join(folder, name)), secrets)).toEqual([]);
    const printed =
      inspect(told, { depth: null }) + JSON.stringify(told) + us.requests.map(({ query }) => query).join();
    for (const secret of secrets) expect(printed).not.toContain(secret);
    // the client's secret is the client's own, and not copied into the token of every user
    for (const token of await store.getTokens()) expect(token.clientSecret).toBeUndefined();
  });
});

describe('What Zoho’s SDKs do with an answer', () => {
  test('S9: a 401 of the API leads to one renewal, for all who were refused together', async () => {
    const { us, clientAt, pass } = await start();
    const client = clientAt(us);
    await client.redeem(us.grant('ann'), { userName: 'ann' });
    pass(60_000);
    us.tokens.endAccessTokens();
    const callers = Array.from({ length: 5 }, () => client.source({ userName: 'ann' }).fetch('/crm/v8/Leads'));
    for (const response of await Promise.all(callers)) expect(await ownerOf(response)).toBe('ann@example.com');
    const asked = us.requests.map(({ form, path }) => form.grant_type ?? path);
    expect(asked.filter((what) => what === 'refresh_token')).toHaveLength(1);
    expect(asked.filter((what) => what === '/crm/v8/Leads')).toHaveLength(10);
  });

  const html = () => new Response('<html>error</html>', { status: 500, headers: { 'content-type': 'text/html' } });
  const denied = { error: 'Access Denied', error_description: 'You have made too many requests continuously.' };

  test.for<[string, () => Response, string, string | undefined]>([
    ['invalid_code', () => Response.json({ error: 'invalid_code' }), 'E_OAUTH', 'invalid_grant'],
    ['invalid_client', () => Response.json({ error: 'invalid_client' }), 'E_OAUTH', 'invalid_client'],
    ['invalid_client_secret', () => Response.json({ error: 'invalid_client_secret' }), 'E_OAUTH', 'invalid_client'],
    ['invalid_redirect_uri', () => Response.json({ error: 'invalid_redirect_uri' }), 'E_OAUTH', 'invalid_grant'],
    ['Access Denied', () => Response.json(denied), 'E_OAUTH', 'temporarily_unavailable'],
    ['Access Denied with 400', () => Response.json(denied, { status: 400 }), 'E_OAUTH', 'temporarily_unavailable'],
    ['an error nobody knows', () => Response.json({ error: 'general_error' }), 'E_OAUTH', 'server_error'],
    ['{}', () => Response.json({}), 'E_OAUTH', 'server_error'],
    ['HTML with 500', html, 'E_OAUTH', 'server_error'],
  ])(
    'S10: a sign-in that is answered with %s fails with a code, and nothing is stored',
    async ([, answer, code, oauthError]) => {
      const { us, store, clientAt } = await start();
      us.quirks.instead = answer;
      const failure = await expectCode(code as 'E_OAUTH', clientAt(us).redeem(us.grant(), { userName: 'ann' }));
      expect(failure.oauthError).toBe(oauthError);
      expect(await store.getTokens()).toEqual([]);
    },
  );

  test.for<[string, () => Response, string, boolean]>([
    ['invalid_code', () => Response.json({ error: 'invalid_code' }), 'E_REAUTH', true],
    ['invalid_client', () => Response.json({ error: 'invalid_client' }), 'E_CONFIG', false],
    ['invalid_client_secret', () => Response.json({ error: 'invalid_client_secret' }), 'E_CONFIG', false],
    ['Access Denied', () => Response.json(denied), 'E_UNAVAILABLE', false],
    ['Access Denied with 400', () => Response.json(denied, { status: 400 }), 'E_UNAVAILABLE', false],
    ['an error nobody knows', () => Response.json({ error: 'general_error' }), 'E_UNAVAILABLE', false],
    ['{}', () => Response.json({}), 'E_UNAVAILABLE', false],
    ['HTML with 500', html, 'E_UNAVAILABLE', false],
  ])(
    'S10: a renewal that is answered with %s loses no token, and ends in a state of its own',
    async ([, answer, code, isOver]) => {
      const { us, store, clientAt, pass } = await start();
      const client = clientAt(us);
      const { refreshToken, accessToken } = await client.redeem(us.grant(), { userName: 'ann' });
      pass(hour);
      us.quirks.instead = answer;
      const source = client.source({ userName: 'ann' });
      await expectCode(code as 'E_REAUTH', source.getToken());
      const [token] = await store.getTokens();
      expect(token).toMatchObject({ refreshToken, accessToken });
      expect(token?.reauthRequired?.reason).toBe(isOver ? 'refused' : undefined);
      us.quirks.instead = () => undefined;
      pass(10 * 60_000);
      if (isOver) await expectCode('E_REAUTH', source.getToken());
      else expect(await source.getToken()).toMatchObject({ outcome: 'refreshed' });
    },
  );

  test('S10: a lifetime in milliseconds is understood, and one that is not told ends with the first 401', async () => {
    const { us, clientAt, now, pass } = await start();
    const client = clientAt(us);
    us.quirks.expiry = 'milliseconds';
    expect(await client.redeem(us.grant(), { userName: 'ann' })).toMatchObject({ expiresAt: now() + hour });
    us.quirks.expiry = 'absent';
    pass(hour);
    const source = client.source({ userName: 'ann' });
    expect((await source.getToken()).expiresAt).toBeUndefined();
    pass(2 * hour);
    expect(await source.getToken()).toMatchObject({ outcome: 'fresh' });
    expect((await source.fetch('/crm/v8/Leads')).status).toBe(200);
    expect(us.requests.filter(({ form }) => form.grant_type === 'refresh_token')).toHaveLength(2);
  });

  test('S13: a new grant of a known user replaces what is stored, so that a sign-in mends a revoked grant', async () => {
    const { us, store, clientAt, pass } = await start();
    const client = clientAt(us);
    const first = await client.redeem(us.grant('ann'), { userName: 'ann' });
    us.tokens.revoke(first.refreshToken as string);
    pass(hour);
    const source = client.source({ userName: 'ann' });
    await expectCode('E_REAUTH', source.getToken());
    const second = await client.redeem(us.grant('ann'), { userName: 'ann' });
    expect(second.id).toBe(first.id);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.reauthRequired).toBeUndefined();
    expect(await ownerOf(await source.fetch('/crm/v8/Leads'))).toBe('ann@example.com');
    expect(us.requests.at(-1)?.authorization).toBe(`Zoho-oauthtoken ${second.accessToken}`);
    expect(await store.getTokens()).toHaveLength(1);
  });
});
