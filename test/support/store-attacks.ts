import { expect } from 'vitest';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { KeptRecord, RecordBackend, StoredRecord } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from './expect-code.ts';
import { testKeyring } from './test-keyring.ts';

/** One attack on a store over a fresh backend. */
export interface StoreAttack {
  readonly name: string;
  run(backend: RecordBackend): Promise<void>;
}

const partition = 'default/tokens';

/** Writes a row as somebody would who owns the database: whatever it says, whatever was there. */
async function overwrite(backend: RecordBackend, record: StoredRecord): Promise<void> {
  await backend.delete(record.partition, record.id);
  expect(await backend.put(record, {})).toBe('stored');
}

const rowOf = async (backend: RecordBackend, id: string): Promise<KeptRecord> =>
  (await backend.get(partition, id)) as KeptRecord;

/** Two users' tokens in one store. */
async function twoUsers(backend: RecordBackend) {
  const keyring = await testKeyring();
  const store = new EncryptedTokenStore({ backend, keyring });
  const save = (userName: string): Promise<SavedToken> =>
    store.saveToken({
      userName,
      accessToken: `access-token-of-${userName}`,
      refreshToken: `refresh-token-of-${userName}`,
    });
  const victim = await save('victim');
  const attacker = await save('attacker');
  return { keyring, store, victim, attacker };
}

/** What somebody who can write the database tries. Runs on every backend through its own port. */
export const storeAttacks: readonly StoreAttack[] = [
  {
    name: 'case 10: the bytes of another row do not open, and the other records still work',
    async run(backend) {
      const { store, victim, attacker } = await twoUsers(backend);
      const [theirs, own] = [await rowOf(backend, victim.id), await rowOf(backend, attacker.id)];
      await overwrite(backend, { ...own, sealed: theirs.sealed });
      await expectCode('E_AUTH', store.findTokenById(attacker.id));
      await expectCode('E_AUTH', store.findToken({ userName: 'attacker' }));
      expect(await store.findToken({ userName: 'victim' })).toEqual(victim);
      expect(await store.findTokenById(victim.id)).toEqual(victim);
    },
  },
  {
    name: 'case 11: a row moved to another tenant does not open there',
    async run(backend) {
      const { keyring, victim } = await twoUsers(backend);
      const other = new EncryptedTokenStore({ backend, keyring, tenant: 'evil' });
      await overwrite(backend, { ...(await rowOf(backend, victim.id)), partition: 'evil/tokens' });
      await expectCode('E_AUTH', other.findTokenById(victim.id));
      await expectCode('E_AUTH', other.getTokens());
      expect(await other.findToken({ userName: 'victim' })).toBeUndefined();
    },
  },
  {
    name: 'case 17: a renamed row does not open',
    async run(backend) {
      const { store, victim } = await twoUsers(backend);
      const row = await rowOf(backend, victim.id);
      await backend.delete(partition, victim.id);
      await overwrite(backend, { ...row, id: 'renamed' });
      await expectCode('E_AUTH', store.findTokenById('renamed'));
      await expectCode('E_AUTH', store.findToken({ userName: 'victim' }));
    },
  },
  {
    name: 'cases 14, 15, 19: changed columns are noticed',
    async run(backend) {
      const { store, victim } = await twoUsers(backend);
      const row = await rowOf(backend, victim.id);
      await store.saveToken({ id: victim.id, accessToken: 'newer-access-token' });
      const newer = await rowOf(backend, victim.id);
      const changes = [{ revision: 99 }, { expiresAt: Date.now() + 86_400_000 }, { sealed: row.sealed }];
      for (const change of changes) {
        await overwrite(backend, { ...newer, ...change });
        await expectCode('E_AUTH', store.findTokenById(victim.id));
      }
      await overwrite(backend, newer);
      expect(await store.findTokenById(victim.id)).toMatchObject({ accessToken: 'newer-access-token' });
    },
  },
  {
    name: 'case 20: a whole old row put back is read, unless the caller says what it has seen',
    async run(backend) {
      const { store, victim } = await twoUsers(backend);
      const old = await rowOf(backend, victim.id);
      const { revision } = await store.saveToken({ id: victim.id, refreshToken: 'rotated-refresh-token' });
      await overwrite(backend, old);
      expect(await store.findTokenById(victim.id)).toEqual(victim);
      await expectCode('E_CONFLICT', store.findTokenById(victim.id, { minRevision: revision }));
    },
  },
  {
    name: 'case 36: a lookup copied onto the victim’s row never yields the victim’s token',
    async run(backend) {
      const { store, victim, attacker } = await twoUsers(backend);
      const [theirs, own] = [await rowOf(backend, victim.id), await rowOf(backend, attacker.id)];
      await backend.delete(partition, attacker.id);
      await overwrite(backend, { ...theirs, lookups: own.lookups });
      const mine = [
        { userName: 'attacker' },
        { accessToken: 'access-token-of-attacker' },
        { refreshToken: 'refresh-token-of-attacker' },
      ];
      for (const query of mine) await expectCode('E_INDEX_MISMATCH', store.findToken(query));
      await expectCode('E_INDEX_MISMATCH', store.saveToken({ userName: 'attacker', accessToken: 'new' }));
      expect(await store.findTokenById(victim.id)).toEqual(victim);
    },
  },
  {
    name: 'case 37: a lookup of a record that is gone, or of another tenant, is a miss',
    async run(backend) {
      const { keyring, store, victim } = await twoUsers(backend);
      const other = new EncryptedTokenStore({ backend, keyring, tenant: 'other' });
      expect(await other.findToken({ userName: 'victim' })).toBeUndefined();
      expect(await other.findTokenById(victim.id)).toBeUndefined();
      await backend.delete(partition, victim.id);
      expect(await store.findToken({ userName: 'victim' })).toBeUndefined();
      expect(await store.findToken({ refreshToken: 'refresh-token-of-victim' })).toBeUndefined();
    },
  },
  {
    name: 'a truncated or foreign row is an error, never a token, and listing can go on without it',
    async run(backend) {
      const { store, victim, attacker } = await twoUsers(backend);
      const row = await rowOf(backend, attacker.id);
      for (const [code, sealed] of [
        ['E_FORMAT', row.sealed.slice(0, 20)],
        ['E_AUTH', row.sealed.slice(0, -1)],
        ['E_VERSION', new TextEncoder().encode(JSON.stringify({ accessToken: 'plain' }).padEnd(200))],
      ] as const) {
        await overwrite(backend, { ...row, sealed: Uint8Array.from(sealed) });
        await expectCode(code, store.findTokenById(attacker.id));
        await expectCode(code, store.getTokens());
        const corrupt: string[] = [];
        const left: SavedToken[] = [];
        const onCorrupt = (error: { code: string }, id: string) => void corrupt.push(`${error.code} ${id}`);
        for await (const token of store.tokens({ onCorrupt })) left.push(token);
        expect(left).toEqual([victim]);
        expect(corrupt).toEqual([`${code} ${attacker.id}`]);
        expect((await rowOf(backend, attacker.id)).sealed).toEqual(Uint8Array.from(sealed));
      }
    },
  },
  {
    name: 'a damaged record locks nobody out: not its user’s other clients, and not its user’s next sign-in',
    async run(backend) {
      const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
      const ann = { userName: 'ann', issuer: 'https://issuer.example', refreshToken: 'refresh-token-of-ann' };
      const web = await store.saveToken({ ...ann, clientId: 'web', accessToken: 'access-token-of-web' });
      const app = await store.saveToken({ ...ann, clientId: 'app', accessToken: 'access-token-of-app' });
      const row = await rowOf(backend, web.id);
      await overwrite(backend, { ...row, sealed: row.sealed.slice(0, -1) });
      expect(await store.findToken({ userName: 'ann', issuer: ann.issuer, clientId: 'app' })).toEqual(app);
      const next = { ...ann, clientId: 'web', accessToken: 'next-access-token' };
      await expectCode('E_AUTH', store.saveToken(next));
      const saved = await store.saveToken(next, { replaceDamaged: true });
      expect(saved).toMatchObject({ revision: 1, accessToken: 'next-access-token' });
      expect((await store.getTokens()).map(({ id }) => id).sort()).toEqual([app.id, saved.id].sort());
    },
  },
  {
    name: 'a record that opens, or whose key may come back, never gives way to a sign-in',
    async run(backend) {
      const keyring = await testKeyring();
      const store = new EncryptedTokenStore({ backend, keyring });
      const client = { issuer: 'https://issuer.example', clientId: 'web' };
      const victim = await store.saveToken({ ...client, userName: 'victim', accessToken: 'access-token-of-victim' });
      const own = { ...client, userName: 'attacker', accessToken: 'access-token-of-attacker' };
      const attacker = await store.saveToken(own);
      const { identity } = await rowOf(backend, attacker.id);
      await backend.delete(partition, attacker.id);
      await overwrite(backend, { ...(await rowOf(backend, victim.id)), identity });
      await expectCode('E_INDEX_MISMATCH', store.saveToken(own, { replaceDamaged: true }));
      expect(await store.findTokenById(victim.id)).toEqual(victim);
      const lost = { ...(await rowOf(backend, victim.id)) };
      lost.sealed[2] = (lost.sealed[2] as number) ^ 1; // the key id in the envelope
      await overwrite(backend, lost);
      await expectCode('E_KEY_UNKNOWN', store.saveToken(own, { replaceDamaged: true }));
      expect(await backend.get(partition, victim.id)).toBeDefined();
    },
  },
];
