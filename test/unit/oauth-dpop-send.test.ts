import { describe, expect, test, vi } from 'vitest';
import type { AccessToken } from '../../src/core/access-token.ts';
import { dpop as boundTo } from '../../src/oauth/dpop.ts';
import { oauthRenewal } from '../../src/oauth/index.ts';
import { hashOf, newKeyPair, readProof } from './oauth-proof.ts';
import { now, page } from './oauth-server.ts';

const token: AccessToken = {
  id: 'id',
  revision: 1,
  accessToken: 'LEAK-SENTINEL-7d3c1f0a9b',
  tokenType: 'DPoP',
  outcome: 'fresh',
};
const challenge = 'DPoP error="use_dpop_nonce", error_description="a nonce, please"';
const wantsNonce = (nonce: string) =>
  new Response('a nonce, please', { status: 401, headers: { 'www-authenticate': challenge, 'dpop-nonce': nonce } });

/** An API that answers one request after the other, and has read their bodies. */
async function api(...answers: readonly Response[]) {
  const dpop = await newKeyPair();
  const requests: { readonly request: Request; readonly body: string }[] = [];
  const fetch = async (input: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    requests.push({ request, body: new TextDecoder().decode(await request.clone().arrayBuffer()) });
    return answers[requests.length - 1] ?? new Response('done');
  };
  const { send } = oauthRenewal({ ...page, dpop: boundTo(dpop) }, { now });
  if (send === undefined) throw new Error('a client with a key sends in a way of its own');
  const proof = (index: number) => readProof(requests[index]?.request.headers.get('dpop') ?? null, dpop);
  return { send: (request: Request, more = token) => send(request, more, fetch), requests, proof };
}

describe('A token that is bound to a key', () => {
  test('is presented with a proof for the very request', async () => {
    const { send, requests, proof } = await api();
    const request = new Request('https://api.example/v1/me?page=2', { headers: { 'x-own': 'kept', dpop: 'no' } });
    expect(await (await send(request)).text()).toBe('done');
    const [sent] = requests;
    expect(sent?.request.url).toBe('https://api.example/v1/me?page=2');
    expect(sent?.request.headers.get('authorization')).toBe(`DPoP ${token.accessToken}`);
    expect(sent?.request.headers.get('x-own')).toBe('kept');
    expect(await proof(0)).toEqual({
      htm: 'GET',
      htu: 'https://api.example/v1/me',
      iat: now() / 1000,
      jti: expect.any(String),
      ath: await hashOf(token.accessToken),
    });
  });

  test('is presented again with the nonce that the API wants, and the whole body', async () => {
    const { send, requests, proof } = await api(wantsNonce('n1'));
    const request = new Request('https://api.example/echo', { method: 'POST', body: 'the body' });
    expect((await send(request)).status).toBe(200);
    expect(requests.map(({ body }) => body)).toEqual(['the body', 'the body']);
    expect((await proof(0)).nonce).toBeUndefined();
    expect(await proof(1)).toMatchObject({ htm: 'POST', nonce: 'n1' });
    await send(new Request('https://api.example/echo'));
    expect(await proof(2)).toMatchObject({ nonce: 'n1' });
    await send(new Request('https://other.example/'));
    expect((await proof(3)).nonce).toBeUndefined();
  });

  test('is presented twice at most, and the caller sees the answer with its body', async () => {
    const { send, requests, proof } = await api(wantsNonce('n1'), wantsNonce('n2'));
    const response = await send(new Request('https://api.example/'));
    expect([response.status, await response.text()]).toEqual([401, 'a nonce, please']);
    expect(requests).toHaveLength(2);
    await send(new Request('https://api.example/'));
    expect((await proof(2)).nonce).toBe('n2');
  });

  test('is presented again without reading the first answer to its end', async () => {
    const cancel = vi.fn<() => void>();
    const { headers } = wantsNonce('n1');
    const { send } = await api(new Response(new ReadableStream({ cancel }), { status: 401, headers }));
    expect((await send(new Request('https://api.example/'))).status).toBe(200);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test.for([
    ['the token is refused', 'DPoP error="invalid_token"', 401],
    ['the scope is too small', 'DPoP error="insufficient_scope"', 403],
    ['the API wants another scheme', 'Bearer error="use_dpop_nonce"', 401],
    ['the challenge is not readable', '"', 401],
    ['there is a challenge besides the answer', 'DPoP algs="ES256"', 200],
  ] as const)('is presented once when %s, and the caller sees the answer', async ([, header, status]) => {
    const headers = { 'www-authenticate': header, 'dpop-nonce': 'n1' };
    const { send, requests } = await api(new Response('as it is', { status, headers }));
    const response = await send(new Request('https://api.example/'));
    expect([response.status, await response.text()]).toEqual([status, 'as it is']);
    expect(response.headers.get('www-authenticate')).toBe(header);
    expect(requests).toHaveLength(1);
  });

  test('is presented again when the clock of the device is wrong', async () => {
    const headers = {
      'www-authenticate': 'DPoP error="invalid_dpop_proof"',
      date: new Date(now() + 7_200_000).toUTCString(),
    };
    const { send, proof } = await api(new Response(null, { status: 401, headers }));
    expect((await send(new Request('https://api.example/'))).status).toBe(200);
    expect((await proof(1)).iat).toBe(now() / 1000 + 7200);
  });

  test('follows no redirect, for which its proof is not made', async () => {
    const { send, requests } = await api();
    await send(new Request('https://api.example/'));
    await send(new Request('https://api.example/', { redirect: 'manual' }));
    expect(requests.map(({ request }) => request.redirect)).toEqual(['manual', 'manual']);
  });

  test('ends with the signal of the request', async () => {
    const { send, requests } = await api(wantsNonce('n1'));
    const controller = new AbortController();
    await send(new Request('https://api.example/', { signal: controller.signal }));
    controller.abort();
    expect(requests.map(({ request }) => request.signal.aborted)).toEqual([true, true]);
  });

  test('hands on why a request failed, as fetch does', async () => {
    const { send } = oauthRenewal({ ...page, dpop: boundTo(await newKeyPair()) });
    const failure = new TypeError('no connection');
    const sent = send?.(new Request('https://api.example/'), token, () => Promise.reject(failure));
    await expect(sent).rejects.toBe(failure);
  });

  test('shows up in no error, even when no header can carry it', async () => {
    const { send, requests } = await api();
    for (const tokenType of ['DPoP', 'Bearer', 'a type']) {
      const broken = {
        ...token,
        tokenType,
        accessToken: tokenType === 'a type' ? token.accessToken : `${token.accessToken}\n`,
      };
      const failure = await send(new Request('https://api.example/'), broken).catch((reason) => reason);
      expect(failure).toMatchObject({ code: 'E_REAUTH' });
      expect(`${failure.stack} ${failure.message}`).not.toContain(token.accessToken);
    }
    expect(requests).toEqual([]);
  });
});

describe('A token of another type', () => {
  test('is presented as it was before the client had a key', async () => {
    const { send, requests } = await api();
    await send(new Request('https://api.example/'), { ...token, tokenType: 'Bearer' });
    expect(requests[0]?.request.headers.get('authorization')).toBe(`Bearer ${token.accessToken}`);
    expect(requests[0]?.request.headers.has('dpop')).toBe(false);
  });
});
