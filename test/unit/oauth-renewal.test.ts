import { describe, expect, test, vi } from 'vitest';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { type OAuthClient, oauthRenewal, type Provider } from '../../src/oauth/index.ts';
import { answer, answering, issuer, now, page, provider } from './oauth-server.ts';

const token: SavedToken = { id: 'id', revision: 1, issuer, clientId: 'a page', refreshToken: 'rt' };
const unlimited = new AbortController().signal;
const at = (settings: Partial<Provider>): OAuthClient => ({ ...page, provider: { ...provider, ...settings } });

/** A server that answers a refresh token with a token, and everything else as told. */
function server(probed: () => Response | Promise<Response>) {
  const requests: (RequestInit & { readonly url: string })[] = [];
  const fetch = async (url: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    requests.push({ ...init, url: String(url) });
    return String(init.body).includes('refresh_token') ? Response.json(answer) : probed();
  };
  return { requests, options: { fetch, now } };
}

describe('A renewal made of a client', () => {
  test('says what its provider does, and the safe thing where it does not say', () => {
    const plain = oauthRenewal(page);
    expect(plain).toMatchObject({ rotation: 'strict', whenInDoubt: 'retry-once', allowedOrigins: [] });
    expect(plain.send).toBeUndefined();
    expect(plain.intervalMs).toBeUndefined();
    expect(oauthRenewal(at({ renewalIntervalMs: 60_000 })).intervalMs).toBe(60_000);
    const origins = ['https://api.example', 'http://localhost:8080'];
    const told = oauthRenewal(at({ rotation: 'none', whenInDoubt: 'sign-in', apiOrigins: origins }));
    expect(told).toMatchObject({ rotation: 'none', whenInDoubt: 'sign-in', allowedOrigins: origins });
  });

  test.for([
    'https://api.example/',
    'https://api.example:443',
    'https://API.example',
    'https://api.example/v1',
    'https://api.example?a',
    'http://api.example',
    'https://user@api.example',
    'api.example',
    '*',
    'null',
    '',
  ])('refuses %j as an origin to send tokens to', (origin) => {
    const client = at({ apiOrigins: ['https://api.example', origin] });
    expect(() => oauthRenewal(client)).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining('provider.apiOrigins') }),
    );
  });

  test('renews with one request', async () => {
    const { requests, options } = answering(answer);
    const renewed = await oauthRenewal(page, options).refresh(token, { signal: unlimited, inDoubt: false });
    expect(renewed).toMatchObject({ accessToken: 'at', obtainedAt: now() });
    expect(requests.map(({ form }) => form.refresh_token)).toEqual(['rt']);
  });

  test('sets no time limit of its own', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    await oauthRenewal(page, answering(answer).options).refresh(token, { signal: unlimited, inDoubt: false });
    expect(timeout).not.toHaveBeenCalled();
    timeout.mockRestore();
  });

  test('revokes', async () => {
    const { requests, options } = answering('');
    await oauthRenewal(page, options).revoke?.(token);
    expect(requests).toMatchObject([{ url: `${issuer}/revoke`, form: { token: 'rt' } }]);
  });

  test('ends with its signal, or before when it is told so', async () => {
    const controller = new AbortController();
    const silent = (_url: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        controller.abort();
      });
    const ended = oauthRenewal(page, { fetch: silent }).refresh(token, { signal: controller.signal, inDoubt: false });
    await expect(ended).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: true });
    const bounded = oauthRenewal(page, { fetch: silent, timeoutMs: 20 });
    const failure = { code: 'E_NETWORK', message: expect.stringContaining('20 ms') };
    await expect(bounded.refresh(token, { signal: unlimited, inDoubt: false })).rejects.toMatchObject(failure);
  });
});

describe('A renewal in doubt', () => {
  const renew = ({ options }: ReturnType<typeof server>) =>
    oauthRenewal(page, options).refresh(token, { signal: unlimited, inDoubt: true });

  test.for([200, 204, 302, 400, 401, 404, 405, 429])(
    'sends the refresh token once more when the server answers at all: HTTP %i',
    async (status) => {
      const answering = server(() => new Response(null, { status }));
      expect(await renew(answering)).toMatchObject({ accessToken: 'at' });
      const [probe, call] = answering.requests;
      expect(answering.requests).toHaveLength(2);
      expect(probe).toMatchObject({ url: `${issuer}/token`, method: 'GET', mode: 'no-cors', credentials: 'omit' });
      expect(probe?.headers).toBeUndefined();
      expect(String(call?.body)).toContain('refresh_token=rt');
    },
  );

  test('sends it when the browser hides the answer from the page', async () => {
    expect(await renew(server(() => Response.error()))).toMatchObject({ accessToken: 'at' });
  });

  test.for([502, 503])('keeps the refresh token when the server is broken or busy: HTTP %i', async (status) => {
    const answering = server(() => new Response(null, { status }));
    await expect(renew(answering)).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: false });
    expect(answering.requests).toHaveLength(1);
  });

  test('keeps the refresh token when the server cannot be reached, and has no new doubt', async () => {
    const answering = server(() => Promise.reject(new TypeError('fetch failed')));
    await expect(renew(answering)).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: false });
    expect(answering.requests.map(({ method, body }) => [method, body?.toString()])).toEqual([
      ['GET', undefined],
      ['POST', 'client_id=a+page'],
    ]);
  });

  test('asks once when it is certain that nothing can be sent', async () => {
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    const answering = server(() => Promise.reject(refused));
    await expect(renew(answering)).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: false });
    expect(answering.requests).toHaveLength(1);
  });

  test('sends it when the browser hides from the page that there is an answer, but not from a renewal', async () => {
    const probed = vi.fn<() => Promise<Response>>();
    probed.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    probed.mockResolvedValueOnce(new Response(null, { status: 400 }));
    const answering = server(probed);
    expect(await renew(answering)).toMatchObject({ accessToken: 'at' });
    expect(answering.requests).toHaveLength(3);
  });

  test('keeps the refresh token when the server cannot be looked up', async () => {
    const { requests, options } = answering('', 502);
    const client = { ...page, provider: { issuer: 'https://unknown.example' } };
    const renewed = oauthRenewal(client, options).refresh(
      { ...token, issuer: 'https://unknown.example' },
      { signal: unlimited, inDoubt: true },
    );
    await expect(renewed).rejects.toMatchObject({ code: 'E_OAUTH', inDoubt: false });
    expect(requests.map(({ form }) => form.refresh_token)).toEqual([undefined]);
  });
});
