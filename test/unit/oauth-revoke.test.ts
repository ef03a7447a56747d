import { describe, expect, test } from 'vitest';
import { revoke } from '../../src/oauth/index.ts';
import { answering, issuer, page, provider } from './oauth-server.ts';

describe('Revoke', () => {
  const token = { accessToken: 'at', refreshToken: 'rt' };

  test('sends the refresh token, else the access token, with a hint', async () => {
    const { requests, options } = answering('');
    await revoke(page, token, options);
    await revoke(page, { accessToken: 'at' }, options);
    const client = { client_id: 'a page' };
    expect(requests.map(({ url, form }) => [url, form])).toEqual([
      [`${issuer}/revoke`, { token: 'rt', token_type_hint: 'refresh_token', ...client }],
      [`${issuer}/revoke`, { token: 'at', token_type_hint: 'access_token', ...client }],
    ]);
  });

  test('does nothing without a token, and nothing for a provider without the endpoint', async () => {
    const { requests, options } = answering('');
    const { revocationEndpoint, ...without } = provider;
    await revoke(page, {}, options);
    await revoke({ ...page, provider: without }, token, options);
    expect(requests).toEqual([]);
  });

  test('reports a refusal, with whatever status it comes', async () => {
    for (const status of [200, 400]) {
      const { options } = answering({ error: 'unsupported_token_type' }, status);
      const failure = { code: 'E_OAUTH', oauthError: 'unsupported_token_type' };
      await expect(revoke(page, token, options)).rejects.toMatchObject(failure);
    }
  });
});
