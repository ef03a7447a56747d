import { describe, expect, test } from 'vitest';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';
import { heldFields, type SdkFields, sdkToken } from '../support/zoho-sdk/sdk-fields.ts';
import { access, ann, now, sdkStore, secret } from '../support/zoho-sdk/sdk-store.ts';

describe('zohoTokenStore has none of the bugs of the SDKs’ own stores', () => {
  test('LC3: hands out no API domain that is not one of a data centre, whoever stored it', async () => {
    const { store, find } = await sdkStore();
    await store.saveToken({ userName: 'eve', accessToken: 'A-eve', apiDomain: 'https://evil.example' });
    expect(await find({ user: 'eve' })).not.toHaveProperty('api');
  });

  test('S10: an expiry that cannot be read is in an hour, so that the token is renewed at all', async () => {
    const { store, saved } = await sdkStore();
    for (const [expires, at] of [
      ['NaN', now + 3_600_000],
      [`${now}3600000`, now + 3_600_000],
      ['soon', now + 3_600_000],
      [String(now + 5), now + 5],
      [undefined, undefined],
    ] as const) {
      const { id } = await saved({ access: `A-${expires}`, refresh: `R-${expires}`, ...(expires && { expires }) });
      expect((await store.findTokenById(id as string))?.expiresAt).toBe(at);
    }
  });

  test('DB8: a save without any token is refused, and writes nothing', async () => {
    const { store, own, saved } = await sdkStore();
    await saved({ id: '5', user: 'ann', access: 'A-ann' });
    for (const fields of [{ id: '5', user: 'zed' }, { user: 'ann' }, { id: '6' }, {}]) {
      expect(await sdkFailure(own.saveToken(sdkToken(fields)))).toMatch(/^E_INPUT: .*add an access, refresh or grant/);
    }
    expect(await store.getTokens()).toMatchObject([{ id: '5', userName: 'ann', revision: 1 }]);
  });

  test('DB6, DB7, SQ7: with nothing to find it by, a token means nobody’s', async () => {
    const { saved, find } = await sdkStore();
    await saved(ann);
    const { client, secret: own } = ann as Required<SdkFields>;
    for (const fields of [
      {},
      { user: '' },
      { client, secret: own },
      { access: 'A-mine', client, secret: own },
      { grant: 'G' },
    ]) {
      expect(await find(fields)).toEqual({});
    }
    expect(await find({ id: '2' })).toEqual({});
  });

  test('FS10: a token without a user, saved twice, is one', async () => {
    const { own, saved } = await sdkStore();
    const { id } = await saved({ access, client: 'C', secret });
    expect(await saved({ access, client: 'C', secret })).toMatchObject({ id });
    expect(await own.getTokens()).toHaveLength(1);
  });

  test('DB9, SQ9: a renewed token without a user stays one, whatever was renewed', async () => {
    const { own, saved } = await sdkStore();
    const { id } = await saved({ access: 'A1', refresh: 'R1', grant: 'G1', client: 'C', secret });
    for (const change of [{ access: 'A2' }, { access: 'A3', refresh: 'R3' }, { access: 'A4' }]) {
      const found = await own.findTokenById(id as string);
      found.setAccessToken(change.access);
      if (change.refresh !== undefined) found.setRefreshToken(change.refresh);
      await own.saveToken(found);
    }
    expect((await own.getTokens()).map(heldFields)).toMatchObject([{ id, access: 'A4', refresh: 'R3', grant: 'G1' }]);
  });

  test('SQ8: what finds a token is what saves over it', async () => {
    const { own, saved, find } = await sdkStore();
    const { id } = await saved({ refresh: 'R1', client: 'C', secret });
    expect(await find({ refresh: 'R1' })).toMatchObject({ id });
    expect(await saved({ refresh: 'R1', access: 'A1' })).toMatchObject({ id });
    expect(await own.getTokens()).toHaveLength(1);
  });

  test('FS4, FS5, FS6, SQ4, DB5: names and values with any characters come back as they were', async () => {
    const { saved, find, own } = await sdkStore();
    const names = ['Doe, John', 'mallory\n7,admin,x', '"quoted"', "O'Brien", "' or 1=1 -- ", 'ÄÖ€😀', '%_\\'];
    for (const user of names) await saved({ user, access: `A-${user}`, refresh: `R-${user}`, client: 'C, D', secret });
    for (const user of names) expect(await find({ user })).toMatchObject({ user, access: `A-${user}`, client: 'C, D' });
    expect(await own.getTokens()).toHaveLength(names.length);
    for (const id of ['1 or 1=1', "x' or '1'='1"]) await own.deleteToken(id);
    expect(await own.getTokens()).toHaveLength(names.length);
  });

  test('FS1, FS2, DB1, DB2, DB3, SQ3: twenty first saves at once leave twenty tokens, and those of one user one', async () => {
    const { own, saved } = await sdkStore();
    const users = Array.from({ length: 20 }, (_, n) => `user ${n}`);
    await Promise.all(users.map((user) => saved({ user, access: `A-${user}`, refresh: `R-${user}`, client: 'C' })));
    expect((await own.getTokens()).map((one) => one.getUserSignature()?.getName()).sort()).toEqual(users.sort());
    await own.deleteTokens();
    const same = users.map((_, n) => saved({ user: 'ann', access: `A${n}`, refresh: `R${n}`, client: 'C' }));
    const ids = new Set((await Promise.all(same)).map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(await own.getTokens()).toHaveLength(1);
  });

  test('FS7, SQ12: no id is given out twice', async () => {
    const { own, saved } = await sdkStore();
    await saved({ user: 'ann', access: 'A-ann' });
    const bob = await saved({ user: 'bob', access: 'A-bob' });
    await own.deleteToken(bob.id as string);
    const carol = await saved({ user: 'carol', access: 'A-carol' });
    expect(carol.id).not.toBe(bob.id);
    await sdkFailure(own.findTokenById(bob.id as string));
  });

  test('FS3: a first save does not undo a renewal beside it', async () => {
    const { own, saved, find } = await sdkStore();
    const { id } = await saved({ ...ann });
    const renewing = await own.findTokenById(id as string);
    renewing.setAccessToken('A-new');
    await Promise.all([own.saveToken(renewing), saved({ user: 'bob', access: 'A-bob' })]);
    expect(await find({ user: ann.user as string })).toMatchObject({ access: 'A-new' });
    expect(await find({ user: 'bob' })).toMatchObject({ access: 'A-bob' });
  });
});
