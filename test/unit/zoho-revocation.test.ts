import { describe, expect, test } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { zohoRig } from '../support/zoho/zoho-rig.ts';

describe('A revocation', () => {
  test('keeps the token when Zoho cannot be told, so that it can be told later', async () => {
    const rig = await zohoRig();
    const client = rig.client();
    await client.redeem(rig.us.grant(), { userName: 'ann' });
    for (const [instead, code, oauthError] of [
      [new Response('<html>', { status: 500 }), 'E_OAUTH', 'server_error'],
      [Response.json({ error: 'Access Denied' }), 'E_OAUTH', 'temporarily_unavailable'],
      [Response.json({ error: 'invalid_client' }, { status: 400 }), 'E_OAUTH', 'invalid_client'],
    ] as const) {
      rig.us.quirks.instead = () => instead;
      expect(await expectCode(code, client.revoke({ userName: 'ann' }))).toMatchObject({ oauthError });
      expect(await rig.stored()).toHaveLength(1);
    }
    rig.us.quirks.instead = () => {
      throw new TypeError('fetch failed');
    };
    await expectCode('E_NETWORK', client.revoke({ userName: 'ann' }));
    expect(await rig.stored()).toHaveLength(1);
    rig.us.quirks.instead = () => undefined;
    expect(await client.revoke({ userName: 'ann' })).toBe('revoked');
    expect(await rig.stored()).toEqual([]);
    expect(await client.revoke({ userName: 'ann' })).toBe('absent');
  });

  test.for([
    () => undefined,
    () => Response.json({ error: 'invalid_token' }),
    () => Response.json({ error: 'invalid_code' }, { status: 400 }),
    () => new Response(null, { status: 400 }),
  ])('deletes a token whose grant Zoho does not know any more: %#', async (instead) => {
    const rig = await zohoRig();
    const client = rig.client();
    const { refreshToken = '' } = await client.redeem(rig.us.grant(), { userName: 'ann' });
    rig.us.tokens.revoke(refreshToken);
    rig.us.quirks.instead = instead;
    expect(await client.revoke({ userName: 'ann' })).toBe('unknown');
    expect(await rig.stored()).toEqual([]);
  });

  test('ends a sign-in, too, that was completed meanwhile, or keeps it', async () => {
    for (const isReached of [true, false]) {
      const rig = await zohoRig();
      const client = rig.client();
      await client.redeem(rig.us.grant(), { userName: 'ann' });
      let revocations = 0;
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const request = new Request(input, init);
        if (!request.url.endsWith('/revoke')) return rig.fetch(request);
        if (++revocations > 1 && !isReached) throw new TypeError('fetch failed');
        const answer = await rig.fetch(request);
        if (revocations === 1) await rig.client().redeem(rig.us.grant(), { userName: 'ann' });
        return answer;
      };
      const revoked = rig.client({ fetch }).revoke({ userName: 'ann' });
      if (isReached) expect(await revoked).toBe('revoked');
      else await expectCode('E_NETWORK', revoked);
      const known = rig.us.tokens.refreshTokens('ann@example.com');
      expect(known).toHaveLength(isReached ? 0 : 1);
      expect((await rig.stored()).map(({ refreshToken }) => refreshToken)).toEqual(known);
    }
  });
});
