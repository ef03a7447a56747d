import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { administration } from '../../src/hono/administration.ts';
import type { AdministrationOptions } from '../../src/hono/administration-options.ts';
import type { TokenListAnswer } from '../../src/hono/list-tokens.ts';
import { accessTokenCache } from '../../src/store/access-token-cache.ts';
import { backends, type EdgeSetup, issuer, setUpEdge } from './edge-setup.ts';

const secret = 'sentinel-secret-of-the-administration';
const user = 'sentinel-user';
const routes = ['/admin/tokens', '/admin/revoke', '/admin/revoke-user'];

type Ask = (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;

/** Who asks the administration of an edge, with the secret unless said otherwise. */
function administrator({ options }: EdgeSetup, change: Partial<AdministrationOptions> = {}): Ask {
  const app = new Hono().route(
    '/admin',
    administration(() => ({ ...options, secret, ...change })),
  );
  return async (path, body, headers = { Authorization: `Bearer ${secret}` }) =>
    app.request(`https://app.example${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
}

async function answerOf(response: Promise<Response>): Promise<[number, any]> {
  const { status, headers } = await response;
  expect(headers.get('Cache-Control')).toBe('no-store');
  expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  return [status, await (await response).json()];
}

async function tokenIdOf({ store }: EdgeSetup, userName = user): Promise<string> {
  return (await store.findTokens({ userName }))[0]?.id as string;
}

describe('the administration', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['another secret', { Authorization: `Bearer ${secret}x` }],
    ['the beginning of the secret', { Authorization: `Bearer ${secret.slice(0, -1)}` }],
    ['no secret', { Authorization: 'Bearer ' }],
    ['the secret as a password', { Authorization: `Basic ${btoa(`admin:${secret}`)}` }],
    ['the secret in a cookie', { Cookie: `secret=${secret}` }],
  ])('refuses who sends %s, and does nothing', async (_, headers) => {
    const edge = await setUpEdge();
    await edge.signedIn(user);
    const ask = administrator(edge);
    for (const path of routes) {
      const body = { user, id: await tokenIdOf(edge) };
      const response = await ask(path, body, headers);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      expect(await answerOf(Promise.resolve(response))).toMatchObject([401, { error: { code: 'E_UNAUTHORIZED' } }]);
    }
    expect([(await edge.store.getTokens()).length, edge.server.isGranted(user)]).toEqual([1, true]);
  });

  test('does not exist where no secret is set', async () => {
    const app = new Hono().route(
      '/admin',
      administration(() => undefined),
    );
    for (const path of routes) {
      const headers = { Authorization: `Bearer ${secret}` };
      const response = await app.request(`https://app.example${path}`, { method: 'POST', headers, body: '{}' });
      expect([response.status, await response.text()]).toEqual([404, '404 Not Found']);
    }
  });

  test.each(['', 'x'.repeat(31)])('refuses every request while its secret is too short: %j', async (short) => {
    const ask = administrator(await setUpEdge(), { secret: short });
    const [status, body] = await answerOf(ask('/admin/tokens', { user }, { Authorization: `Bearer ${short}` }));
    expect([status, body.error.code, body.error.message]).toEqual([503, 'E_CONFIG', expect.stringContaining('secret')]);
  });

  test('refuses every request while another option is wrong, and quotes none', async () => {
    const ask = administrator(await setUpEdge(), { api: 'http://sentinel.example' });
    const [status, body] = await answerOf(ask('/admin/tokens', { user }));
    expect([status, body.error.code]).toEqual([503, 'E_CONFIG']);
    expect(JSON.stringify(body)).not.toContain('sentinel');
  });

  test.each(['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])('takes POST and not %s', async (method) => {
    const { options } = await setUpEdge();
    const app = new Hono().route(
      '/admin',
      administration(() => ({ ...options, secret })),
    );
    const headers = { Authorization: `Bearer ${secret}` };
    for (const path of routes) expect((await app.request(path, { method, headers })).status).toBe(404);
  });

  test.each(['', '{', '[]', '"sentinel-user"', '{}', '{"user":"","id":""}', '{"user":7,"id":null}'])(
    'refuses the body %s',
    async (body) => {
      const ask = administrator(await setUpEdge());
      for (const path of routes) {
        const [status, answer] = await answerOf(ask(path, body));
        expect([status, answer.error.code]).toEqual([400, 'E_INPUT']);
        expect(JSON.stringify(answer)).not.toContain('sentinel');
      }
    },
  );
});

describe.each(Object.keys(backends) as ('D1' | 'KV')[])('the administration of tokens in %s', (kept) => {
  test('lists what is stored for a user, and no secret', async () => {
    const edge = await setUpEdge({ kept, keepFresh: true });
    await edge.signedIn(user);
    await edge.signedIn(user);
    await edge.signedIn('sentinel-another');
    const other = {
      userName: user,
      issuer: 'https://elsewhere.example',
      clientId: 'other',
      resource: 'https://a.example',
    };
    await edge.store.saveToken({ ...other, accessToken: 'sentinel-access-of-another', scope: 'read' });
    const [status, body] = await answerOf(administrator(edge)('/admin/tokens', { user }));
    const { tokens, damaged } = body as TokenListAnswer;
    expect([status, damaged]).toEqual([200, []]);
    const byIssuer = [...tokens].sort((left, right) => ((left.issuer ?? '') < (right.issuer ?? '') ? -1 : 1));
    const id = expect.any(String);
    expect(byIssuer).toEqual([
      {
        id,
        revision: 1,
        issuer: other.issuer,
        clientId: 'other',
        resource: other.resource,
        scope: 'read',
        keepFresh: false,
        renewable: false,
        sessions: 0,
      },
      {
        id,
        revision: 2,
        issuer,
        clientId: 'edge-client',
        scope: 'openid offline_access',
        obtainedAt: expect.any(Number),
        expiresAt: expect.any(Number),
        keepFresh: true,
        renewable: true,
        sessions: 2,
      },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/sentinel-(?!user)/);
    expect(await answerOf(administrator(edge)('/admin/tokens', { user: 'nobody' }))).toEqual([
      200,
      { tokens: [], damaged: [] },
    ]);
  });

  test('revokes one token: at the server, in the database, and with its sessions', async () => {
    const edge = await setUpEdge({ kept });
    const [browser, stranger] = [await edge.signedIn(user), await edge.signedIn('another')];
    const id = await tokenIdOf(edge);
    const ask = administrator(edge);
    expect(await answerOf(ask('/admin/revoke', { id }))).toEqual([
      200,
      { id, found: true, revoked: true, sessions: 1 },
    ]);
    expect([edge.server.isGranted(user), edge.server.isGranted('another')]).toEqual([false, true]);
    expect((await browser.fetch('/api/me')).status).toBe(401);
    expect(await (await browser.fetch('/auth/session')).json()).toEqual({ signedIn: false });
    expect((await stranger.fetch('/api/me')).status).toBe(200);
    expect(await answerOf(ask('/admin/revoke', { id }))).toMatchObject([
      200,
      { found: false, revoked: false, sessions: 0 },
    ]);
  });

  test('revokes a user everywhere, and says what could not be revoked at its server', async () => {
    const edge = await setUpEdge({ kept });
    const browsers = [await edge.signedIn(user), await edge.signedIn(user), await edge.signedIn('another')];
    const access = (await edge.store.findTokens({ userName: user }))[0]?.accessToken as string;
    await edge.store.saveToken({
      userName: user,
      issuer: 'https://elsewhere.example',
      clientId: 'c',
      accessToken: 'x',
    });
    const [status, { ended, failed, more }] = await answerOf(administrator(edge)('/admin/revoke-user', { user }));
    expect([status, failed, more]).toEqual([200, [], false]);
    expect(ended).toContainEqual({ id: expect.any(String), found: true, revoked: true, sessions: 2 });
    expect(ended).toContainEqual({
      id: expect.any(String),
      found: true,
      revoked: false,
      sessions: 0,
      message: expect.stringContaining('another server or client'),
    });
    expect(ended).toHaveLength(2);
    expect([edge.server.userOf(access), edge.server.isGranted('another')]).toEqual([undefined, true]);
    const statuses = await Promise.all(browsers.map(async (browser) => (await browser.fetch('/api/me')).status));
    expect(statuses).toEqual([401, 401, 200]);
    expect((await edge.store.getTokens()).map(({ userName }) => userName)).toEqual(['another']);
  });
});

describe('the administration of tokens', () => {
  test('ends some twenty tokens with a call, and says that there are more', async () => {
    const edge = await setUpEdge();
    for (let i = 0; i < 23; i++) {
      await edge.store.saveToken({
        userName: user,
        issuer,
        clientId: 'edge-client',
        resource: `https://${i}.example`,
        accessToken: `a-${i}`,
      });
    }
    const ask = administrator(edge);
    const [, first] = await answerOf(ask('/admin/revoke-user', { user }));
    expect([first.ended.length, first.more]).toEqual([20, true]);
    const [, second] = await answerOf(ask('/admin/revoke-user', { user }));
    expect([second.ended.length, second.more, await edge.store.getTokens()]).toEqual([3, false, []]);
  });

  test('during a renewal leaves no live grant behind', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn(user);
    const id = await tokenIdOf(edge);
    edge.wait(3_600_000);
    edge.server.beforeAnswer = async () => {
      await administrator(edge)('/admin/revoke', { id });
    };
    expect((await browser.fetch('/api/me')).status).toBe(401);
    expect([edge.server.isGranted(user), await edge.store.getTokens()]).toEqual([false, []]);
  });

  test('deletes the record although the server cannot be reached, and says so', async () => {
    const edge = await setUpEdge();
    await edge.signedIn(user);
    const id = await tokenIdOf(edge);
    edge.server.down = true;
    expect(await answerOf(administrator(edge)('/admin/revoke', { id }))).toMatchObject([
      200,
      { found: true, revoked: false, sessions: 1, message: expect.stringContaining('did not take') },
    ]);
    expect(await edge.store.getTokens()).toEqual([]);
  });

  test('lists a damaged record by its id, and ends it', async () => {
    const edge = await setUpEdge();
    await edge.signedIn(user);
    await edge.signedIn('another');
    const id = await tokenIdOf(edge);
    const damage = env.DB.prepare('UPDATE tokenkeep_record SET sealed = ? WHERE id = ?');
    await damage.bind(new Uint8Array(338).fill(1), id).run();
    const ask = administrator(edge);
    const [, { tokens, damaged }] = await answerOf(ask('/admin/tokens', { user }));
    expect([tokens, damaged]).toEqual([[], [{ id, code: expect.stringMatching(/^E_(?:FORMAT|AUTH|VERSION|KEY)/) }]]);
    expect(await answerOf(ask('/admin/revoke', { id }))).toEqual([
      200,
      { id, found: true, revoked: false, sessions: 1, message: expect.stringContaining('readable') },
    ]);
    expect((await answerOf(ask('/admin/tokens', { user })))[1]).toEqual({ tokens: [], damaged: [] });
    expect(await edge.store.getTokens()).toHaveLength(1);
  });

  test('ends the damaged records of a user, and not another’s to which an altered index leads', async () => {
    const edge = await setUpEdge();
    await edge.signedIn(user);
    const victim = await edge.signedIn('another');
    const [id, other] = [await tokenIdOf(edge), await tokenIdOf(edge, 'another')];
    await env.DB.prepare(
      'UPDATE tokenkeep_record SET lookup_user_name = (SELECT lookup_user_name FROM tokenkeep_record WHERE id = ?) WHERE id = ?',
    )
      .bind(id, other)
      .run();
    await env.DB.prepare('UPDATE tokenkeep_record SET sealed = ? WHERE id = ?').bind(new Uint8Array(338), id).run();
    const [, { ended, failed }] = await answerOf(administrator(edge)('/admin/revoke-user', { user }));
    expect(ended.map((one: { id: string }) => one.id)).toEqual([id]);
    expect(failed).toEqual([{ id: other, code: 'E_INDEX_MISMATCH' }]);
    expect((await victim.fetch('/api/me')).status).toBe(200);
  });

  test('goes on with the other tokens when one cannot be ended', async () => {
    const d1 = d1Backend(env.DB);
    let stuck = '';
    const edge = await setUpEdge({
      backend: {
        ...d1,
        delete: async (partition, id) => {
          if (id === stuck) throw new TokenkeepError('E_STORAGE', 'try again');
          await d1.delete(partition, id);
        },
      },
    });
    await edge.signedIn(user);
    stuck = await tokenIdOf(edge);
    await edge.store.saveToken({
      userName: user,
      issuer,
      clientId: 'edge-client',
      resource: 'https://a.example',
      accessToken: 'a',
    });
    const [status, { ended, failed }] = await answerOf(administrator(edge)('/admin/revoke-user', { user }));
    expect([status, ended.length, failed]).toEqual([200, 1, [{ id: stuck, code: 'E_STORAGE' }]]);
  });

  test('takes what it ends out of the cache of access tokens', async () => {
    const { keyring, tenant = '' } = (await setUpEdge()).options;
    const prefix = `cache-${tenant}/`;
    const cache = accessTokenCache({ namespace: env.KV, keyring: await importKeyring(keyring), tenant, prefix });
    const edge = await setUpEdge({ keyring, tenant, cache });
    const browser = await edge.signedIn(user);
    await browser.fetch('/api/me');
    await Promise.all(edge.left);
    expect((await env.KV.list({ prefix })).keys).toHaveLength(1);
    await administrator(edge)('/admin/revoke-user', { user });
    expect((await env.KV.list({ prefix })).keys).toEqual([]);
    expect((await browser.fetch('/api/me')).status).toBe(401);
  });
});
