import { expect } from 'vitest';
import type { Keyring } from '../../src/core/keyring.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource } from '../../src/manager/token-source.ts';
import { oauthRenewal } from '../../src/oauth/oauth-renewal.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from './expect-code.ts';
import type { RotationCheck } from './rotation-checks.ts';
import { dump, rotate, rotationKeys, rowOf, statesOf, tokenOf, watched } from './rotation-rig.ts';
import { StrictAuthorizationServer } from './strict-authorization-server.ts';

const storeOver = (backend: RecordBackend, keyring: Keyring) => new EncryptedTokenStore({ backend, keyring });

/** Backends whose next inserts wait for each other: none is made before all of them have looked whether there is one. */
function meeting(connect: () => RecordBackend, writers: number): readonly RecordBackend[] {
  let open = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  let arrived = 0;
  return Array.from({ length: writers }, () =>
    watched(connect(), 'before', async (operation) => {
      if (operation !== 'put' || arrived >= writers) return;
      if (++arrived === writers) open();
      await all;
    }),
  );
}

/** A token that has expired, its strict server, and sources with these keyrings. */
async function renewing(connect: () => RecordBackend, keyring: Keyring) {
  const client = { clientId: 'app', redirectUrl: 'https://app.example/cb', scope: [] };
  const [issuer, now] = ['https://login.example', Date.now];
  const server = new StrictAuthorizationServer({ issuer, client, now });
  const query = { userName: 'ann', issuer, clientId: client.clientId };
  await storeOver(connect(), keyring).saveToken({ ...query, ...server.signIn('ann'), expiresAt: now() - 1 });
  const renewal = oauthRenewal({ ...client, provider: { issuer } }, { fetch: server.fetch, now });
  const source = (backend: RecordBackend, own: Keyring): TokenSource =>
    createTokenSource({ store: storeOver(backend, own), query, ...renewal, now });
  const works = async (own: Keyring): Promise<void> => {
    const [token] = await storeOver(connect(), own).getTokens();
    expect([server.reuses, server.userOf(token?.accessToken ?? ''), server.isGranted('ann')]).toEqual([0, 'ann', true]);
    expect(server.ledger.calls.map(({ outcome }) => outcome)).toEqual(['renewed']);
    await source(connect(), own).getToken({ forceRefresh: true });
    expect([server.reuses, server.ledger.calls.length]).toEqual([0, 2]);
  };
  return { server, source, works };
}

/** What has to hold when others work with the same records, with other settings of the keyring. */
export const rotationRaces: readonly RotationCheck[] = [
  {
    name: 'case 43: of two first saves of one user, under two index keys, one record is left with the content of both',
    compareAndSet: true,
    async run(connect) {
      const { pending, promoted } = await rotationKeys();
      const [one, two] = meeting(connect, 2) as [RecordBackend, RecordBackend];
      const saved = await Promise.all([
        storeOver(one, pending).saveToken({ ...tokenOf('ann'), apiDomain: 'https://one.example' }),
        storeOver(two, promoted).saveToken({ ...tokenOf('ann'), extras: { of: 'two' } }),
      ]);
      const tokens = await storeOver(connect(), promoted).getTokens();
      const expected = { ...tokenOf('ann'), apiDomain: 'https://one.example', extras: { of: 'two' } };
      expect(tokens).toMatchObject([expected]);
      expect(saved.map(({ id }) => id)).toContain(tokens[0]?.id);
      expect((await rotate({ backend: connect(), keyring: promoted })).remaining).toBe(0);
    },
  },
  {
    name: 'case 43: what somebody has saved to a record that is taken back is saved with the other one',
    compareAndSet: true,
    async run(connect) {
      const { young, pending, promoted } = await rotationKeys();
      const [one, two] = meeting(connect, 2) as [RecordBackend, RecordBackend];
      let inserted = false;
      const interrupted = watched(two, 'after', async (operation) => {
        if (operation !== 'put' || inserted) return;
        inserted = true;
        const { id = '' } = (await dump(connect())).find(({ indexKeyId }) => indexKeyId === young) ?? {};
        await storeOver(connect(), promoted).saveToken({ id, apiDomain: 'https://third.example' });
      });
      await Promise.all([
        storeOver(one, pending).saveToken(tokenOf('ann')),
        storeOver(interrupted, promoted).saveToken(tokenOf('ann')),
      ]);
      const tokens = await storeOver(connect(), promoted).getTokens();
      expect(tokens).toMatchObject([{ ...tokenOf('ann'), apiDomain: 'https://third.example' }]);
      expect(inserted).toBe(true);
    },
  },
  {
    name: 'case 43: twins that a writer left who died are one token to everybody, and the next save makes them one record',
    compareAndSet: true,
    async run(connect) {
      const { pending, promoted, after } = await rotationKeys();
      const [one, two] = meeting(connect, 2) as [RecordBackend, RecordBackend];
      const dying = (backend: RecordBackend): RecordBackend =>
        watched(backend, 'after', async (operation) => {
          if (operation === 'put') throw new Error('the isolate is gone');
        });
      const { refreshToken: _, ...short } = tokenOf('ann');
      await Promise.allSettled([
        storeOver(dying(one), pending).saveToken({ ...tokenOf('ann'), scope: 'old' }),
        storeOver(dying(two), promoted).saveToken({ ...short, apiDomain: 'https://two.example' }),
      ]);
      expect(await dump(connect())).toHaveLength(2);
      const query = { userName: 'ann', issuer: 'https://login.example', clientId: 'app' };
      for (const keyring of [pending, promoted]) {
        expect(await storeOver(connect(), keyring).findToken(query)).toMatchObject({ scope: 'old' });
        expect(await storeOver(connect(), keyring).findToken({ userName: 'ann' })).toMatchObject({ scope: 'old' });
      }
      // which of them is the token is not for a rotation to say
      const stuck = await rotate({ backend: connect(), keyring: promoted });
      expect(stuck).toMatchObject({ remaining: 1, failures: { E_CONFLICT: 1 } });
      const read = await storeOver(connect(), promoted).findToken(query);
      await storeOver(connect(), promoted).saveToken({ ...read, tokenType: 'Bearer' });
      await storeOver(connect(), promoted).saveToken({ ...query, extras: { of: 'the next' } });
      expect((await rotate({ backend: connect(), keyring: promoted })).remaining).toBe(0);
      expect(await storeOver(connect(), after).getTokens()).toMatchObject([
        {
          ...tokenOf('ann'),
          scope: 'old',
          apiDomain: 'https://two.example',
          tokenType: 'Bearer',
          extras: { of: 'the next' },
        },
      ]);
    },
  },
  {
    name: 'case 43: an id does not make a second record of a user whose first one was made with the other index key',
    compareAndSet: true,
    async run(connect) {
      const { before, promoted } = await rotationKeys();
      await storeOver(connect(), before).saveToken(tokenOf('ann'));
      const bob = await storeOver(connect(), before).saveToken(tokenOf('bob'));
      const store = storeOver(connect(), promoted);
      await expectCode('E_CONFLICT', store.saveToken({ ...tokenOf('ann'), id: 'another' }));
      await expectCode('E_CONFLICT', store.saveToken({ id: bob.id, userName: 'ann' }));
      expect(await store.getTokens()).toHaveLength(2);
    },
  },
  {
    name: 'case 43: a value for one use, added under two index keys at once, is added at most once',
    compareAndSet: true,
    async run(connect) {
      const { pending, promoted } = await rotationKeys();
      const [one, two] = meeting(connect, 2) as [RecordBackend, RecordBackend];
      const until = 1_800_003_600_000;
      const added = await Promise.all([
        statesOf(one, pending).add('state', 1, until),
        statesOf(two, promoted).add('state', 2, until),
      ]);
      const taken = [
        await statesOf(connect(), promoted).take('state'),
        await statesOf(connect(), promoted).take('state'),
      ];
      const expected = added.includes(true) ? [added.indexOf(true) + 1] : [];
      expect(taken.filter((value) => value !== undefined)).toEqual(expected);
    },
  },
  {
    name: 'case 51: with two deploys nobody meets a key that he does not have, and nobody seals back',
    compareAndSet: true,
    async run(connect) {
      const { young, before, pending, promoted } = await rotationKeys();
      const { id } = await storeOver(connect(), before).saveToken(tokenOf('ann'));
      const row = () => rowOf(connect(), { id, revision: 0 });
      expect(await storeOver(connect(), promoted).findTokenById(id)).toMatchObject({ revision: 2 });
      expect(await row()).toMatchObject({ keyId: young, indexKeyId: young, revision: 2 });
      const is = await row();
      for (let i = 0; i < 3; i++) {
        expect(await storeOver(connect(), pending).findToken({ userName: 'ann' })).toMatchObject({ revision: 2 });
        expect(await storeOver(connect(), promoted).findToken({ userName: 'ann' })).toMatchObject({ revision: 2 });
      }
      expect(await row()).toEqual(is);
      await storeOver(connect(), pending).saveToken({ id, scope: 'read write' });
      expect(await storeOver(connect(), promoted).findTokenById(id)).toMatchObject({
        scope: 'read write',
        revision: 4,
      });
    },
  },
  {
    name: 'case 51: with one deploy the isolate before it shows E_KEY_UNKNOWN, loses nothing and seals nothing back',
    compareAndSet: true,
    async run(connect) {
      for (const use of ['seal', 'index', undefined] as const) {
        const { before, promoted } = await rotationKeys(use);
        const token = { ...tokenOf(`ann-${use}`) };
        const { id } = await storeOver(connect(), promoted).saveToken(token);
        const row = await rowOf(connect(), { id, revision: 0 });
        const late = storeOver(connect(), before);
        if (use === 'index') expect(await late.findTokenById(id)).toMatchObject({ revision: 1 });
        else await expectCode('E_KEY_UNKNOWN', late.findTokenById(id));
        const last = await rotate({ backend: connect(), keyring: before });
        expect(last).toMatchObject({ resealed: 0, failures: { E_KEY_UNKNOWN: 1 } });
        expect(await rowOf(connect(), { id, revision: 0 })).toEqual(row);
        expect(await storeOver(connect(), promoted).findToken({ userName: token.userName })).toMatchObject(token);
        await connect().delete('default/tokens', id);
      }
    },
  },
  {
    name: 'a token that is renewed while its record is sealed anew is renewed once, and stored',
    compareAndSet: true,
    async run(connect) {
      const { young, before, pending, promoted, after } = await rotationKeys();
      const { server, source, works } = await renewing(connect, before);
      server.beforeAnswer = async () => {
        const last = await rotate({ backend: connect(), keyring: promoted });
        expect(last).toMatchObject({ resealed: 1, remaining: 0 });
      };
      expect(server.userOf((await source(connect(), pending).getToken()).accessToken)).toBe('ann');
      server.beforeAnswer = async () => undefined;
      await rotate({ backend: connect(), keyring: promoted });
      expect(await connect().keyUse()).toEqual([{ keyId: young, indexKeyId: young, records: 1 }]);
      await works(after);
    },
  },
  {
    name: 'a record that is sealed anew while its token is renewed keeps the new refresh token',
    compareAndSet: true,
    async run(connect) {
      const { before, pending, promoted, after } = await rotationKeys();
      const { server, source, works } = await renewing(connect, before);
      let renewed = false;
      const backend = watched(connect(), 'before', async (operation) => {
        if (operation !== 'putEach' || renewed) return;
        renewed = true;
        expect(server.userOf((await source(connect(), pending).getToken()).accessToken)).toBe('ann');
      });
      const last = await rotate({ backend, keyring: promoted });
      expect(last).toMatchObject({ resealed: 1, overtaken: 1, remaining: 0 });
      await works(after);
    },
  },
];
