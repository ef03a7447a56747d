import { beforeEach, describe, expect, test } from 'vitest';
import { dpop as boundTo } from '../../src/oauth/dpop.ts';
import { expectCode } from '../support/expect-code.ts';
import { type Application, api, application, callback, damage, issuer } from '../support/page-application.ts';

let app: Application;
beforeEach(async () => {
  app = await application();
});

describe('fetch', () => {
  test('sends the token to an origin of the provider’s API', async () => {
    await app.signInQuietly('alice');
    const response = await app.client.fetch(`${api}/me`, { headers: { accept: 'application/json' } });
    expect(await response.json()).toEqual({ user: 'alice' });
    expect(app.api.requests[0]?.headers.get('accept')).toBe('application/json');
  });

  test('sends nothing to any other origin', async () => {
    await app.signInQuietly('alice');
    const others = [`${api}.evil.example/`, 'https://api.example:8443/', 'http://api.example/', `${issuer}/`, '/here'];
    for (const url of others) await expectCode('E_CONFIG', app.client.fetch(url));
    await expectCode('E_CONFIG', app.client.fetch(new Request('https://evil.example/')));
    expect(app.api.requests).toEqual([]);
  });

  test('sends it to other origins, and to those alone, when the page names them', async () => {
    await app.signInQuietly('alice');
    const tab = app.another({ allowedOrigins: ['https://another-api.example'] });
    expect(await (await tab.fetch('https://another-api.example/me')).json()).toEqual({ user: 'alice' });
    await expectCode('E_CONFIG', tab.fetch(`${api}/me`));
  });

  test('allows no origin unless told to', async () => {
    await app.signInQuietly('alice');
    const client = { provider: { issuer }, clientId: 'page', redirectUrl: callback, scope: [] };
    await expectCode('E_CONFIG', app.another({ client }).fetch(`${api}/me`));
    await expectCode('E_CONFIG', app.another({ allowedOrigins: [] }).fetch(`${api}/me`));
  });

  test('proves that it has the key that the token is bound to', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const dpop = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const provider = { issuer, apiOrigins: [api] };
    const client = { provider, clientId: 'page', redirectUrl: callback, scope: [], dpop: boundTo(dpop) };
    const token = { userName: 'alice', issuer, clientId: 'page', accessToken: 'bound', tokenType: 'DPoP' };
    await app.store.saveToken(token);
    app.api.answer = () => new Response();
    await app.another({ client }).fetch(`${api}/me`);
    const [sent] = app.api.requests;
    expect(sent?.headers.get('authorization')).toBe('DPoP bound');
    const [, claims = ''] = sent?.headers.get('dpop')?.split('.') ?? [];
    expect(JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({ htu: `${api}/me` });
  });

  test('never follows a redirect, which could lead anywhere', async () => {
    await app.signInQuietly('alice');
    await app.client.fetch(`${api}/me`);
    await app.client.fetch(`${api}/me`, { redirect: 'follow' });
    await app.client.fetch(`${api}/me`, { redirect: 'manual' });
    expect(app.api.requests.map(({ redirect }) => redirect)).toEqual(['error', 'error', 'manual']);
  });

  test('renews an expired token first', async () => {
    await app.signInQuietly('alice');
    app.wait(301_000);
    const response = await app.client.fetch(`${api}/me`);
    expect(response.status).toBe(200);
    expect(app.api.requests).toHaveLength(1);
    expect(await app.client.token()).toMatchObject({ revision: 2 });
  });

  test('renews once for many calls in two tabs', async () => {
    await app.signInQuietly('alice');
    app.wait(301_000);
    const tabs = [app.client, app.another()];
    const calls = Array.from({ length: 8 }, (_, i) => tabs[i % 2]?.fetch(`${api}/me`));
    for (const response of await Promise.all(calls)) expect(response?.status).toBe(200);
    expect(app.server.requests.filter((line) => line === 'POST /token refresh_token')).toHaveLength(1);
  });

  test('renews and repeats the request once when the API refuses a token that looked fresh', async () => {
    await app.signInQuietly('alice');
    app.wait(10_000);
    const refused = `Bearer ${(await app.client.token())?.accessToken}`;
    const { answer } = app.api;
    app.api.answer = (request) =>
      request.headers.get('authorization') === refused ? new Response(null, { status: 401 }) : answer(request);
    const init = { method: 'POST', body: 'the whole body' };
    const responses = await Promise.all([app.client.fetch(`${api}/echo`, init), app.client.fetch(`${api}/echo`, init)]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    expect(await Promise.all(app.api.requests.map((request) => request.text()))).toEqual(
      Array(4).fill('the whole body'),
    );
    expect(app.server.requests.filter((line) => line === 'POST /token refresh_token')).toHaveLength(1);
  });

  test('returns the second 401 as it is', async () => {
    await app.signInQuietly('alice');
    app.wait(10_000);
    app.api.answer = () => new Response(null, { status: 401 });
    expect((await app.client.fetch(`${api}/me`)).status).toBe(401);
    expect(app.api.requests).toHaveLength(2);
  });

  test('repeats a request that was handed over with its body', async () => {
    await app.signInQuietly('alice');
    app.wait(10_000);
    app.api.answer = () => new Response(null, { status: 401 });
    const request = new Request(`${api}/echo`, { method: 'POST', body: 'the whole body' });
    expect((await app.client.fetch(request)).status).toBe(401);
    const bodies = await Promise.all(app.api.requests.map((sent) => sent.text()));
    expect(bodies).toEqual(['the whole body', 'the whole body']);
  });

  test('quotes no access token that a header cannot carry', async () => {
    for (const accessToken of ['sentinel\nof-the-token', 'sentinel-of-the-t\u{1f511}ken']) {
      await app.signInQuietly('alice');
      await app.store.saveToken({ id: (await app.client.token())?.id ?? '', accessToken });
      expect((await expectCode('E_REAUTH', app.client.fetch(`${api}/me`))).message).not.toContain('sentinel');
    }
    expect(app.api.requests).toEqual([]);
  });

  test('asks for a sign-in when nobody is signed in, and when the grant has ended', async () => {
    await expectCode('E_REAUTH', app.client.fetch(`${api}/me`));
    await app.signInQuietly('alice');
    const { refreshToken = '' } = (await app.client.token()) ?? {};
    await app.server.fetch(`${issuer}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: refreshToken, client_id: 'page' }),
    });
    app.wait(301_000);
    expect((await expectCode('E_REAUTH', app.client.fetch(`${api}/me`))).reason).toBe('refused');
    expect(await app.client.token()).toMatchObject({ userName: 'alice', reauthRequired: { reason: 'refused' } });
    await app.signInQuietly('alice');
    expect((await app.client.token())?.reauthRequired).toBeUndefined();
    expect((await app.client.fetch(`${api}/me`)).status).toBe(200);
  });

  test('loses nothing when the server cannot be reached', async () => {
    await app.signInQuietly('alice');
    app.wait(301_000);
    app.server.down = true;
    const { retryAfterMs } = await expectCode('E_UNAVAILABLE', app.client.fetch(`${api}/me`));
    expect(retryAfterMs).toBeGreaterThan(0);
    expect((await app.client.token())?.refreshToken).toBeTruthy();
  });
});

describe('a token', () => {
  test('is to be had without a request, and without what could renew it', async () => {
    await app.signInQuietly('alice');
    const { refreshToken = '' } = (await app.client.token()) ?? {};
    const fresh = await app.client.getToken();
    expect(fresh).toMatchObject({ userName: 'alice', tokenType: 'Bearer', outcome: 'fresh' });
    const renewed = await app.client.getToken({ forceRefresh: true });
    expect(renewed).toMatchObject({ id: fresh.id, outcome: 'refreshed' });
    expect(app.server.userOf(renewed.accessToken)).toBe('alice');
    expect(JSON.stringify([fresh, renewed])).not.toContain(refreshToken);
  });

  test('is not to be had when nobody is signed in', async () => {
    expect((await expectCode('E_REAUTH', app.client.getToken())).reason).toBeUndefined();
  });
});

describe('signing out', () => {
  test('revokes and deletes', async () => {
    await app.signInQuietly('alice');
    await app.client.signOut();
    expect(await app.client.token()).toBeUndefined();
    expect(app.server.isGranted('alice')).toBe(false);
    await app.client.signOut();
  });

  test('deletes even when the server cannot be told', async () => {
    await app.signInQuietly('alice');
    app.server.down = true;
    await expectCode('E_NETWORK', app.client.signOut());
    expect(await app.client.token()).toBeUndefined();
  });

  test('clears a damaged record away', async () => {
    await app.signInQuietly('alice');
    await damage(app);
    await app.client.signOut();
    expect(await app.client.token()).toBeUndefined();
  });
});

describe('settings', () => {
  test('refuse a client secret, which a page cannot keep', async () => {
    const client = { provider: { issuer }, clientId: 'page', clientSecret: 'secret', redirectUrl: callback, scope: [] };
    await expectCode('E_CONFIG', () => app.another({ client }));
  });

  test('refuse allowed origins that are more than an origin, or not secure', async () => {
    for (const origin of ['https://api.example/', 'https://api.example/v1', 'http://api.example', 'api.example', '*']) {
      await expectCode('E_CONFIG', () => app.another({ allowedOrigins: [origin] }));
    }
    app.another({ allowedOrigins: ['https://api.example:8443', 'http://127.0.0.1:8789'] });
  });
});
