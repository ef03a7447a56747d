import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { refreshTokenOf } from '../support/zoho-sdk/refresh-token-of.ts';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';
import { sdkRig } from '../support/zoho-sdk/sdk-rig.ts';

const hour = 3_600_000;
const ann = 'ann@example.com:60001';

describe('A sign-in by the SDK', () => {
  test('S13: with a new grant for a known user is exchanged, and replaces what was stored', async () => {
    const { zoho, initialize, store, sent, calls, restart, call } = await sdkRig();
    const first = await initialize({ grant: zoho.grant(), user: 'ann' });
    zoho.tokens.revoke(first.getRefreshToken() as string);
    restart();
    const grant = zoho.grant();
    const again = await initialize({ grant, user: 'ann' });
    expect(calls).toEqual(['findToken → null', 'saveToken', 'findToken → null', 'saveToken']);
    expect(sent()).toEqual(['code', 'code']);
    expect(await call()).toBe(200);
    expect(again.getId()).toBe(first.getId());
    expect(await store.getTokens()).toMatchObject([{ userName: 'ann', grantToken: grant, revision: 2 }]);
    expect(again.getRefreshToken()).not.toBe(first.getRefreshToken());
  });

  test('S13: with a new grant replaces what is stored for the user that Zoho names, too', async () => {
    const { zoho, initialize, store, restart } = await sdkRig();
    const first = await initialize({ grant: zoho.grant() });
    restart();
    const grant = zoho.grant();
    const again = await initialize({ grant });
    expect(again.getId()).toBe(first.getId());
    expect(await store.getTokens()).toMatchObject([{ userName: ann, grantToken: grant, revision: 2 }]);
  });

  test('S13: leaves nothing of the grant before, where Zoho gives no refresh token', async () => {
    const { zoho, initialize, store, restart } = await sdkRig();
    const { id } = await initialize({ grant: zoho.grant(), user: 'ann' }).then((one) => ({
      id: one.getId() as string,
    }));
    await store.saveToken({ id, scope: 'all of it', idToken: 'an ID token', extras: { plan: 'free' } });
    restart();
    const { clientId } = zoho.client;
    const scope = 'ZohoCRM.org.READ';
    const user = { email: 'ann@example.com', zgid: '60001' };
    await initialize({ grant: zoho.tokens.grant({ user, clientId, scope, offline: false }), user: 'ann' });
    const [stored, ...others] = await store.getTokens();
    expect(others).toEqual([]);
    expect(stored).toMatchObject({ id, accessToken: zoho.tokens.accessTokens('ann@example.com').at(-1) });
    for (const field of ['refreshToken', 'scope', 'idToken', 'extras']) expect(stored).not.toHaveProperty(field);
  });

  test('S13: keeps to the stored one with the grant that it was made of, however often that comes again', async () => {
    const { zoho, initialize, restart, sent, pass, call } = await sdkRig();
    const grant = zoho.grant();
    for (const start of [{ grant }, { grant }, { grant, user: ann }]) {
      restart();
      await initialize(start);
      pass(hour);
      expect(await call()).toBe(200);
    }
    expect(sent().filter((what) => what === 'code')).toHaveLength(1);
  });

  test('S13b, S13c: a signature alone finds its user, or says that there is none', async () => {
    const { zoho, initialize, sent } = await sdkRig();
    await expect(initialize({ user: 'ann' })).rejects.toMatchObject({ code: 'MANDATORY VALUE ERROR' });
    await initialize({ grant: zoho.grant(), user: 'ann' });
    sent();
    await initialize({ user: 'ann' });
    expect(sent()).toEqual([]);
  });

  test('FS9: with another refresh token gets no access token of the one before', async () => {
    const { zoho, initialize, store, sent, restart } = await sdkRig();
    await initialize({ grant: zoho.grant(), user: 'ann' });
    const refresh = await refreshTokenOf(zoho);
    restart();
    sent();
    await initialize({ refresh, user: 'ann' });
    expect(sent()).toEqual(['refresh']);
    expect(await store.getTokens()).toMatchObject([{ refreshToken: refresh, revision: 2 }]);
    expect((await store.getTokens())[0]?.grantToken).toBeUndefined();
  });

  test('FS9: with a refresh token that was there before is taken at its word: Zoho has just honoured it', async () => {
    const { zoho, initialize, store, restart } = await sdkRig();
    const [first, second] = [await refreshTokenOf(zoho), await refreshTokenOf(zoho)];
    for (const refresh of [first, second, first]) {
      restart();
      await initialize({ refresh, user: 'ann' });
      expect(await store.getTokens()).toMatchObject([{ refreshToken: refresh }]);
    }
  });

  test('over a record that was damaged mends it', async () => {
    const memory = memoryBackend();
    const damaged = new Set<string>();
    const find: RecordBackend['find'] = async (...args) =>
      (await memory.find(...args)).map((row) =>
        damaged.has(row.id) ? { ...row, sealed: row.sealed.map((byte, at) => (at === 200 ? byte ^ 1 : byte)) } : row,
      );
    const { zoho, initialize, store, restart } = await sdkRig({ backend: { ...memory, find } });
    const former = await initialize({ grant: zoho.grant(), user: 'ann' });
    damaged.add(former.getId() as string);
    restart();
    expect(await sdkFailure(initialize({ user: 'ann' }))).toMatch(/^E_AUTH: /);
    restart();
    const { id } = await initialize({ grant: zoho.grant(), user: 'ann' }).then((one) => ({ id: one.getId() }));
    expect(await store.getTokens()).toMatchObject([{ id, userName: 'ann' }]);
  });
});
