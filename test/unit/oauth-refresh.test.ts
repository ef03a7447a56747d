import { describe, expect, test } from 'vitest';
import { type OAuthClient, refresh, revoke } from '../../src/oauth/index.ts';
import { answer, answering, idToken, issuer, now, page, provider } from './oauth-server.ts';

describe('Refresh', () => {
  const token = {
    issuer,
    clientId: 'a page',
    accessToken: 'old',
    refreshToken: 'rt',
    userName: 'alice',
    idToken: idToken({}),
  };

  test('resolves with what the server sent and nothing else', async () => {
    const { requests, options } = answering(answer);
    expect(await refresh(page, token, options)).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      obtainedAt: now(),
      expiresAt: now() + 60_000,
    });
    expect(requests[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'rt', client_id: 'a page' });
    const rotated = await refresh(
      page,
      token,
      answering({ ...answer, refresh_token: 'next', expires_in: undefined }).options,
    );
    expect(rotated).toEqual({
      accessToken: 'at',
      refreshToken: 'next',
      tokenType: 'Bearer',
      obtainedAt: now(),
      expiresAt: null,
    });
  });

  test('asks for a new sign-in without a refresh token', async () => {
    const { requests, options } = answering(answer);
    const { refreshToken, ...without } = token;
    await expect(refresh(page, without, options)).rejects.toMatchObject({ code: 'E_REAUTH' });
    await expect(refresh(page, { ...without, refreshToken: '' }, options)).rejects.toMatchObject({ code: 'E_REAUTH' });
    expect(requests).toEqual([]);
  });

  test('keeps whole milliseconds, whatever the clock counts', async () => {
    const { options } = answering(answer);
    const renewed = await refresh(page, token, { ...options, now: () => now() + 0.75 });
    expect(renewed).toMatchObject({ obtainedAt: now(), expiresAt: now() + 60_000 });
  });

  test('asks for the API of the token, whatever the client asks for', async () => {
    const client = { ...page, resource: 'https://another.example/' };
    const { requests, options } = answering(answer);
    const renewed = await refresh(client, { ...token, resource: 'https://api.example/v1' }, options);
    expect(requests[0]?.form).toMatchObject({ resource: 'https://api.example/v1' });
    expect(renewed).not.toHaveProperty('resource');
    await refresh(client, token, options);
    expect(requests[1]?.form).not.toHaveProperty('resource');
  });

  test('sends a token of another issuer or client nowhere', async () => {
    const { requests, options } = answering(answer);
    for (const other of [{ issuer: 'https://other.example' }, { clientId: 'another' }]) {
      const failure = { code: 'E_CONFIG', inDoubt: false };
      await expect(refresh(page, { ...token, ...other }, options)).rejects.toMatchObject(failure);
      await expect(revoke(page, { ...token, ...other }, options)).rejects.toMatchObject({ code: 'E_CONFIG' });
    }
    expect(requests).toEqual([]);
  });

  test('takes a new ID token of the same user only', async () => {
    const same = await refresh(page, token, answering({ ...answer, id_token: idToken({}) }).options);
    expect(same.idToken).toBe(idToken({}));
    const other = answering({ ...answer, id_token: idToken({ sub: 'mallory' }) });
    await expect(refresh(page, token, other.options)).rejects.toMatchObject({
      code: 'E_OAUTH',
      oauthError: 'server_error',
      inDoubt: true,
    });
    const damaged = { ...token, idToken: 'x' };
    await expect(refresh(page, damaged, other.options)).resolves.toMatchObject({ accessToken: 'at' });
  });

  test('authenticates as the client is registered', async () => {
    const send = async (client: Partial<OAuthClient>) => {
      const { requests, options } = answering(answer);
      await refresh({ ...page, ...client }, token, options);
      const { client_secret, client_id } = requests[0]?.form ?? {};
      return [requests[0]?.headers.get('authorization') ?? null, client_id, client_secret];
    };
    const secret = 'p:ss wörd+';
    const basic = `Basic ${btoa('a+page:p%3Ass+w%C3%B6rd%2B')}`;
    expect(await send({ clientSecret: secret })).toEqual([basic, undefined, undefined]);
    expect(await send({ clientSecret: secret, clientAuthentication: 'client_secret_basic' })).toEqual([
      basic,
      undefined,
      undefined,
    ]);
    expect(await send({ clientSecret: secret, clientAuthentication: 'client_secret_post' })).toEqual([
      null,
      'a page',
      secret,
    ]);
    expect(await send({})).toEqual([null, 'a page', undefined]);
    const posting: OAuthClient['provider'] = { ...provider, clientAuthentication: 'client_secret_post' };
    expect(await send({ provider: posting })).toEqual([null, 'a page', undefined]);
    expect(await send({ provider: posting, clientSecret: secret })).toEqual([null, 'a page', secret]);
    expect(
      await send({ provider: posting, clientSecret: secret, clientAuthentication: 'client_secret_basic' }),
    ).toEqual([basic, undefined, undefined]);
    const failure = { code: 'E_CONFIG', message: expect.stringContaining('clientSecret') };
    await expect(send({ clientAuthentication: 'client_secret_post' })).rejects.toMatchObject(failure);
    const nameless = { code: 'E_CONFIG', message: expect.stringContaining('clientId') };
    const { clientId: _, ...anybodys } = token;
    const { requests, options } = answering(answer);
    await expect(refresh({ ...page, clientId: '' }, anybodys, options)).rejects.toMatchObject(nameless);
    await expect(revoke({ ...page, clientId: '' }, anybodys, options)).rejects.toMatchObject(nameless);
    expect(requests).toEqual([]);
  });

  test('presents the token as the provider wants it, else as the server says', async () => {
    const zoho = { ...page, provider: { ...provider, tokenType: 'Zoho-oauthtoken' } };
    expect((await refresh(zoho, token, answering(answer).options)).tokenType).toBe('Zoho-oauthtoken');
    const bot = { ...answer, token_type: 'bot' };
    const slack = { ...page, provider: { ...provider, tokenType: 'Bearer' } };
    expect((await refresh(slack, token, answering(bot).options)).tokenType).toBe('Bearer');
    const failure = { code: 'E_OAUTH', message: expect.stringContaining('provider.tokenType') };
    await expect(refresh(page, token, answering(bot).options)).rejects.toMatchObject(failure);
  });

  test('of a strict provider takes conforming answers only', async () => {
    const strict: OAuthClient = { ...page, provider: { ...provider, responses: 'strict' } };
    expect(await refresh(strict, token, answering(answer).options)).toMatchObject({ accessToken: 'at' });
    for (const body of [
      { error: 'invalid_grant' },
      { access_token: 'at' },
      { ...answer, expires_in: -1 },
      'access_token=at&token_type=bearer',
    ]) {
      const failure = { code: 'E_OAUTH', oauthError: 'server_error' };
      await expect(refresh(strict, token, answering(body).options)).rejects.toMatchObject(failure);
    }
    const refused = answering({ error: 'invalid_grant' }, 400);
    await expect(refresh(strict, token, refused.options)).rejects.toMatchObject({ oauthError: 'invalid_grant' });
  });

  test('ends when the caller says so', async () => {
    const controller = new AbortController();
    const fetch = (_url: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        controller.abort(new Error('a secret reason'));
      });
    const failure = await refresh(page, token, { fetch, signal: controller.signal }).catch((reason) => reason);
    expect(failure).toMatchObject({ code: 'E_NETWORK', inDoubt: true });
    expect(failure.message).not.toContain('a secret reason');
  });
});
