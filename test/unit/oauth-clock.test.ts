import { describe, expect, test } from 'vitest';
import { authorize, exchange, refresh } from '../../src/oauth/index.ts';
import { answer, answering, idToken, now, page } from './oauth-server.ts';

const hour = 3_600_000;
const date = { date: new Date(now()).toUTCString() };
const token = { refreshToken: 'rt', idToken: idToken({}) };

describe.for([
  ['an hour fast', hour],
  ['an hour slow', -hour],
  ['ten years slow', -87_660 * hour],
  ['right', 0],
] as const)('On a device whose clock is %s', ([, wrong]) => {
  const clock = () => now() + wrong;

  describe.for([
    ['shows its clock', date],
    ['hides its clock from this page', {}],
    ['shows an impossible time', { date: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
  ] as const)('a server that %s', ([, headers]) => {
    const signIn = async (claims: object) => {
      const { transaction } = await authorize(page);
      const callback = new URL(`${page.redirectUrl}?code=c&state=${transaction.state}`);
      const body = { ...answer, id_token: idToken({ nonce: transaction.nonce, ...claims }) };
      return exchange(page, transaction, callback, { ...answering(body, 200, headers).options, now: clock });
    };
    const renew = (claims: object) => {
      const body = { ...answer, id_token: idToken(claims) };
      return refresh(page, token, { ...answering(body, 200, headers).options, now: clock });
    };
    const kept = { accessToken: 'at', obtainedAt: clock(), expiresAt: clock() + 60_000 };

    test('signs the user in, and the token lives by the clock of the device', async () => {
      expect(await signIn({})).toMatchObject({ ...kept, userName: 'alice' });
    });

    test('renews the token likewise', async () => {
      expect(await renew({})).toMatchObject(kept);
    });

    test('cannot pass off an ID token that was over when it was issued', async () => {
      const over = { exp: now() / 1000 - 60 };
      await expect(signIn(over)).rejects.toMatchObject({ code: 'E_CALLBACK' });
      await expect(renew(over)).rejects.toMatchObject({ code: 'E_OAUTH', inDoubt: true });
    });
  });

  test('an ID token that is over by the clock of the server is refused', async () => {
    const old = { iat: now() / 1000 - 600, exp: now() / 1000 - 300 };
    const body = { ...answer, id_token: idToken(old) };
    const renewed = refresh(page, token, { ...answering(body, 200, date).options, now: clock });
    await expect(renewed).rejects.toMatchObject({ code: 'E_OAUTH', oauthError: 'server_error' });
  });
});

describe('An ID token that does not say when it was issued', () => {
  test('is refused, as one that says it wrongly', async () => {
    for (const iat of [undefined, null, 'now', {}]) {
      const body = { ...answer, id_token: idToken({ iat }) };
      const failure = { code: 'E_OAUTH', oauthError: 'server_error' };
      await expect(refresh(page, token, answering(body).options)).rejects.toMatchObject(failure);
    }
  });

  test('is judged by the clock of the device when it says what no clock can show', async () => {
    const over = { ...answer, id_token: idToken({ iat: 0, exp: now() / 1000 - 60 }) };
    await expect(refresh(page, token, answering(over).options)).rejects.toMatchObject({ code: 'E_OAUTH' });
    const live = { ...answer, id_token: idToken({ iat: 0 }) };
    expect(await refresh(page, token, answering(live).options)).toMatchObject({ accessToken: 'at' });
  });
});
