import { describe, expect, test } from 'vitest';
import { dpop as boundTo } from '../../src/oauth/dpop.ts';
import { authorize, exchange, refresh, revoke } from '../../src/oauth/index.ts';
import { door } from '../support/source-rig.ts';
import { hashOf, newKeyPair, readProof } from './oauth-proof.ts';
import { answer, answering, idToken, issuer, now, page } from './oauth-server.ts';

const bound = { ...answer, token_type: 'DPoP' };
const token = { refreshToken: 'rt' };
const seconds = now() / 1000;

/** A client with a key of its own. */
const bind = async () => {
  const dpop = await newKeyPair();
  return { dpop, client: { ...page, dpop: boundTo(dpop) } };
};

/** A server that answers one request after the other. */
function server(...answers: readonly (() => Response)[]) {
  const proofs: (string | null)[] = [];
  const fetch = async (_url: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    proofs.push(new Headers(init.headers).get('dpop'));
    return answers[proofs.length - 1]?.() ?? Response.json(bound);
  };
  return { proofs, options: { fetch, now } };
}

const refused = (error: string, headers: HeadersInit) => () => Response.json({ error }, { status: 400, headers });

describe('A client with a key', () => {
  test('proves that it has it when it redeems a code, to which the key is bound before', async () => {
    const { dpop, client } = await bind();
    const { url, transaction } = await authorize(client);
    const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', dpop.publicKey);
    expect(url.searchParams.get('dpop_jkt')).toBe(await hashOf(JSON.stringify({ crv, kty, x, y })));
    const { requests, options } = answering({ ...bound, id_token: idToken({ nonce: transaction.nonce }) });
    const callback = new URL(`${page.redirectUrl}?code=c&state=${transaction.state}`);
    expect(await exchange(client, transaction, callback, options)).toMatchObject({ tokenType: 'DPoP' });
    const proof = await readProof(requests[0]?.headers.get('dpop') ?? null, dpop);
    expect(proof).toEqual({ htm: 'POST', htu: `${issuer}/token`, iat: seconds, jti: expect.any(String) });
  });

  test('proves it anew with every renewal, and not with a revocation', async () => {
    const { dpop, client } = await bind();
    const { requests, options } = answering(bound);
    for (const _ of [1, 2]) expect(await refresh(client, token, options)).toMatchObject({ tokenType: 'DPoP' });
    await revoke(client, token, options);
    const [first, second, revocation] = requests.map(({ headers }) => headers.get('dpop'));
    expect(revocation).toBeNull();
    const [one, two] = await Promise.all([first, second].map((jwt) => readProof(jwt ?? null, dpop)));
    expect(one?.jti).not.toBe(two?.jti);
    expect(one?.ath).toBeUndefined();
  });

  test('takes no token that is not bound to it, and one without a key none that is bound', async () => {
    const { client } = await bind();
    const failure = (text: string) => ({
      code: 'E_OAUTH',
      oauthError: 'server_error',
      inDoubt: true,
      message: expect.stringContaining(text),
    });
    await expect(refresh(client, token, answering(answer).options)).rejects.toMatchObject(failure('remove dpop'));
    await expect(refresh(page, token, answering(bound).options)).rejects.toMatchObject(failure('set dpop'));
  });

  test.for([
    ['another curve', { name: 'ECDSA', namedCurve: 'P-384' }],
    [
      'another algorithm',
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    ],
  ] as const)('is refused with a key of %s', async ([, algorithm]) => {
    const keyPair = await newKeyPair(algorithm);
    const failure = { code: 'E_CONFIG', message: expect.stringContaining('dpop') };
    expect(() => boundTo(keyPair)).toThrow(expect.objectContaining(failure));
  });

  test('is refused with the halves of its key exchanged', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const exchanged = { publicKey: privateKey, privateKey: publicKey };
    expect(() => boundTo(exchanged)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  });
});

describe('A server that wants a nonce in the proof', () => {
  const challenge = (nonce: string) => refused('use_dpop_nonce', { 'dpop-nonce': nonce });

  test('gets it in the second request, and in the first one from then on', async () => {
    const { dpop, client } = await bind();
    const { proofs, options } = server(challenge('n1'), () =>
      Response.json(bound, { headers: { 'dpop-nonce': 'n2' } }),
    );
    await refresh(client, token, options);
    await refresh(client, token, options);
    const nonces = await Promise.all(proofs.map(async (jwt) => (await readProof(jwt, dpop)).nonce));
    expect(nonces).toEqual([undefined, 'n1', 'n2']);
  });

  test('is not asked a third time', async () => {
    const { client } = await bind();
    const { proofs, options } = server(challenge('n1'), challenge('n2'), challenge('n3'));
    const failure = { code: 'E_OAUTH', oauthError: 'use_dpop_nonce', inDoubt: false };
    await expect(refresh(client, token, options)).rejects.toMatchObject(failure);
    expect(proofs).toHaveLength(2);
  });

  test('is not asked again when it does not say which, or is asked without a key', async () => {
    const { client } = await bind();
    const silent = server(refused('use_dpop_nonce', {}));
    await expect(refresh(client, token, silent.options)).rejects.toMatchObject({ oauthError: 'use_dpop_nonce' });
    expect(silent.proofs).toHaveLength(1);
    const keyless = server(challenge('n1'));
    const failure = { oauthError: 'use_dpop_nonce', message: expect.stringContaining('dpop') };
    await expect(refresh(page, token, keyless.options)).rejects.toMatchObject(failure);
    expect(keyless.proofs).toHaveLength(1);
  });

  test('gets its own nonce, and not the one of another key', async () => {
    const [one, two] = [await bind(), await bind()];
    const { proofs, options } = server(challenge('n1'));
    await refresh(one.client, token, options);
    await refresh(two.client, token, options);
    expect((await readProof(proofs[2] ?? null, two.dpop)).nonce).toBeUndefined();
  });

  test('is asked once more by each of two calls at the same time, although only one of them is the first to learn the nonce', async () => {
    const { client } = await bind();
    const { passed, open } = door();
    let asked = 0;
    const fetch = async (): Promise<Response> => {
      if (++asked > 2) return Response.json(bound);
      if (asked === 2) open();
      await passed; // the first request of each call is here before either is answered
      return challenge('n1')();
    };
    const renewed = await Promise.all([1, 2].map(() => refresh(client, token, { fetch, now })));
    expect(renewed).toMatchObject([{ accessToken: 'at' }, { accessToken: 'at' }]);
  });

  test('is not asked again when it refuses something else', async () => {
    const { client } = await bind();
    const { proofs, options } = server(refused('invalid_grant', { 'dpop-nonce': 'n1' }));
    await expect(refresh(client, token, options)).rejects.toMatchObject({ oauthError: 'invalid_grant' });
    expect(proofs).toHaveLength(1);
  });
});

describe('A proof of a device whose clock is wrong', () => {
  const hour = 3_600_000;
  const date = (ms: number) => ({ date: new Date(now() + ms).toUTCString() });

  test('is made anew by the clock of the server that refused it, and the next one at once', async () => {
    const { dpop, client } = await bind();
    const { proofs, options } = server(refused('invalid_dpop_proof', date(-hour)));
    await refresh(client, token, options);
    await refresh(client, token, options);
    const times = await Promise.all(proofs.map(async (jwt) => (await readProof(jwt, dpop)).iat));
    expect(times).toEqual([seconds, seconds - 3600, seconds - 3600]);
  });

  test.for([
    ['shows the same time', date(-1000)],
    ['shows no time', {}],
  ] as const)('is not made anew when the server %s', async ([, headers]) => {
    const { client } = await bind();
    const { proofs, options } = server(refused('invalid_dpop_proof', headers));
    const failure = { code: 'E_OAUTH', oauthError: 'invalid_dpop_proof', message: expect.stringContaining('clock') };
    await expect(refresh(client, token, options)).rejects.toMatchObject(failure);
    expect(proofs).toHaveLength(1);
  });

  test('goes by the clock of the device while the server takes it, whatever its Date says', async () => {
    const { dpop, client } = await bind();
    const { proofs, options } = server(() => Response.json(bound, { headers: date(hour) }));
    await refresh(client, token, options);
    await refresh(client, token, options);
    expect((await readProof(proofs[1] ?? null, dpop)).iat).toBe(seconds);
  });
});
