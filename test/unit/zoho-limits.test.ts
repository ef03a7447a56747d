import { describe, expect, test } from 'vitest';
import type { KeptRecord } from '../../src/core/record-backend.ts';
import { expectCode } from '../support/expect-code.ts';
import { zohoRig } from '../support/zoho/zoho-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
const email = 'ann@example.com';

describe('The limits of Zoho', () => {
  test('are kept when the API refuses every token for ever: ten renewals in ten minutes at most', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    const client = rig.client();
    const { refreshToken = '' } = await client.redeem(us.grant(), { userName: 'ann' });
    us.quirks.refusesAll = true;
    for (let second = 0; second < 1500; second += 10) {
      const callers = Array.from({ length: 3 }, () => client.source({ userName: 'ann' }).fetch('/crm/v8/Leads'));
      for (const { status } of await Promise.all(callers)) expect(status).toBe(401);
      rig.pass(10_000);
    }
    const renewals = us.tokens.renewalsOf(refreshToken);
    const mostInTenMinutes = Math.max(
      ...renewals.map((start) => renewals.filter((at) => at >= start && at < start + 10 * minute).length),
    );
    expect(mostInTenMinutes).toBe(10);
    expect(renewals[0]).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 23) + minute);
    expect(await rig.stored()).toMatchObject([{ refreshToken }]);
  });

  test('are kept by a server that says it is busy: it is left alone for a minute', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    const client = rig.client();
    await client.redeem(us.grant(), { userName: 'ann' });
    rig.pass(hour);
    let asked = 0;
    us.quirks.instead = () => {
      asked++;
      return Response.json({ error: 'Access Denied', status: 'failure' });
    };
    const source = client.source({ userName: 'ann' });
    for (let second = 0; second < 60; second += 5) {
      const failure = await expectCode('E_UNAVAILABLE', source.getToken());
      expect(failure.retryAfterMs).toBeGreaterThan(minute - 1 - second * 1000);
      rig.pass(5000);
    }
    expect(asked).toBe(1);
    rig.pass(15_000);
    us.quirks.instead = () => undefined;
    expect(await source.getToken()).toMatchObject({ outcome: 'refreshed' });
  });

  test('end a grant never: a blockade is over after ten minutes', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    const client = rig.client();
    const { refreshToken = '', clientId = '' } = await client.redeem(us.grant(), { userName: 'ann' });
    rig.pass(hour);
    for (let count = 1; count <= 10; count++) us.tokens.renew(refreshToken, clientId, hour);
    const source = client.source({ userName: 'ann' });
    let asked = 0;
    us.quirks.instead = () => {
      asked++;
      return undefined;
    };
    for (let second = 0; second < 600; second += 20) {
      await expectCode('E_UNAVAILABLE', source.getToken());
      rig.pass(20_000);
    }
    expect(asked).toBeLessThanOrEqual(10);
    rig.pass(minute);
    expect(await source.getToken()).toMatchObject({ outcome: 'refreshed' });
    expect((await source.fetch('/crm/v8/Leads')).status).toBe(200);
  });

  test('cost no token its life: the newest access token is the only one that is used', async () => {
    const rig = await zohoRig({ lifetime: 86_400 });
    const { us } = rig;
    const client = rig.client();
    await client.redeem(us.grant(), { userName: 'ann' });
    const source = client.source({ userName: 'ann' });
    for (let count = 1; count <= 40; count++) {
      rig.pass(2 * minute);
      await source.getToken({ forceRefresh: true });
      expect((await source.fetch('/crm/v8/Leads')).status).toBe(200);
      expect(us.requests.at(-1)?.authorization).toBe(`Zoho-oauthtoken ${us.tokens.accessTokens(email).at(-1)}`);
    }
    expect(us.tokens.accessTokens(email)).toHaveLength(15);
  });

  test('leave room for other devices, however often a user signs in: what is replaced is revoked', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    const client = rig.client();
    const elsewhere = await rig.client().redeem(us.grant(), { userName: 'ann on her phone' });
    for (let count = 1; count <= 25; count++) {
      const { url, transaction } = await client.authorize();
      if (count % 2 === 0) await client.complete(transaction, us.authorize(url), { userName: 'ann' });
      else await client.redeem(us.grant(), { userName: 'ann' });
      expect(us.tokens.refreshTokens(email)).toHaveLength(2);
    }
    expect(us.tokens.refreshTokens(email)).toContain(elsewhere.refreshToken);
    expect((await client.source({ userName: 'ann' }).fetch('/crm/v8/Leads')).status).toBe(200);
    expect(await rig.stored()).toHaveLength(2);
  });

  test('leave room when a user signs in many times at once', async () => {
    const rig = await zohoRig();
    const client = rig.client();
    await client.redeem(rig.us.grant(), { userName: 'ann' });
    await Promise.all(Array.from({ length: 8 }, () => client.redeem(rig.us.grant(), { userName: 'ann' })));
    const [token] = await rig.stored();
    expect(rig.us.tokens.refreshTokens(email)).toEqual([token?.refreshToken]);
  });

  test('do not undo a sign-in whose predecessor cannot be revoked, and revoke nothing that stays in use', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    const client = rig.client();
    const first = await client.redeem(us.grant(), { userName: 'ann' });
    us.quirks.instead = (path) => (path.endsWith('/revoke') ? new Response(null, { status: 500 }) : undefined);
    const second = await client.redeem(us.grant(), { userName: 'ann' });
    expect(second).toMatchObject({ id: first.id });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    us.quirks.instead = (path) =>
      path.endsWith('/token')
        ? Response.json({ access_token: 'at', refresh_token: second.refreshToken, token_type: 'Bearer' })
        : undefined;
    await client.redeem(us.grant(), { userName: 'ann' });
    us.quirks.instead = (path) =>
      path.endsWith('/token') ? Response.json({ access_token: 'at 2', token_type: 'Bearer' }) : undefined;
    expect(await client.redeem(us.grant(), { userName: 'ann' })).toMatchObject({ refreshToken: second.refreshToken });
    expect(us.tokens.refreshTokens(email)).toEqual([first.refreshToken, second.refreshToken]);
  });

  test('let a sign-in replace a record that no longer opens', async () => {
    const rig = await zohoRig();
    const client = rig.client();
    const { id } = await client.redeem(rig.us.grant(), { userName: 'ann' });
    const [record] = (await rig.backend.page('default/tokens', 10)).records;
    const { claim: _, ...stored } = record as KeptRecord;
    const sealed = stored.sealed.map((byte, at) => (at === 60 ? byte ^ 1 : byte));
    await rig.backend.put({ ...stored, sealed, revision: 2 }, { revision: 1 });
    await expectCode('E_AUTH', rig.store.findTokenById(id));
    expect(await client.redeem(rig.us.grant(), { userName: 'ann' })).toMatchObject({ userName: 'ann' });
  });
});
