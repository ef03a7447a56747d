import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { OAuthToken, TokenChange } from '../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import type { ImportPlan } from '../../src/importer/plan-import.ts';
import { type ImportOptions, runImport } from '../../src/importer/run-import.ts';
import { verifyImport } from '../../src/importer/verify-import.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

const keyring = await testKeyring();
const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let backend: RecordBackend;
let store: EncryptedTokenStore;
beforeEach(() => {
  backend = memoryBackend();
  store = new EncryptedTokenStore({ backend, keyring });
});

const later = Date.now() + 3_600_000;

function token(user: string, changes: OAuthToken = {}): OAuthToken {
  return {
    id: user,
    userName: `${user}@example.com`,
    issuer: 'https://accounts.zoho.eu',
    clientId: '1000.CLIENT',
    clientSecret: 'secret',
    redirectUrl: 'https://app.example/callback',
    apiDomain: 'https://www.zohoapis.eu',
    tokenType: 'Zoho-oauthtoken',
    refreshToken: `RT-${user}`,
    accessToken: `AT-${user}`,
    grantToken: `GT-${user}`,
    expiresAt: later,
    ...changes,
  };
}

function planOf(...tokens: readonly OAuthToken[]): ImportPlan {
  const planned = tokens.map((one, i) => ({ row: i + 1, token: one, notes: [], others: [] }));
  return { rows: tokens.length, tokens: planned, settled: [] };
}

const write = (plan: ImportPlan, options: ImportOptions = {}) => runImport(plan, store, { write: true, ...options });

/** The outcomes that occurred. */
async function outcomes(plan: ImportPlan, options: ImportOptions = {}): Promise<object> {
  const { report } = await write(plan, options);
  return Object.fromEntries(Object.entries(report.outcomes).filter(([, count]) => count > 0));
}

/** Ids and revisions of all that is stored. */
const revisions = async () => (await store.getTokens()).map(({ id, revision }) => `${id} ${revision}`).sort();

const { id: _id, ...anonymous } = token('ann');

describe('an import', () => {
  test('writes every field under the id of the source, the spent grant included', async () => {
    expect(await outcomes(planOf(token('ann'), token('bob')))).toEqual({ imported: 2 });
    expect(await store.findTokenById('ann')).toEqual({ ...token('ann'), revision: 1 });
    expect(await store.findToken({ grantToken: 'GT-bob' })).toEqual({ ...token('bob'), revision: 1 });
  });

  test('writes nothing unless it is told to, and says the same as if it had been', async () => {
    await store.saveToken(token('old', { expiresAt: later - 5 }));
    const plan = planOf(token('ann'), token('old'), { ...anonymous, userName: 'x@example.com' });
    const before = await revisions();
    const { report, written } = await runImport(plan, store);
    expect(await revisions()).toEqual(before);
    expect(written).toEqual([]);
    expect((await write(plan)).report).toEqual(report);
    expect(report.outcomes).toMatchObject({ imported: 2, updated: 1 });
  });

  test('gives a token without an id a random one', async () => {
    await write(planOf(anonymous));
    expect((await store.findToken({ userName: 'ann@example.com' }))?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('writes nothing the second time, whatever has an id and whatever has none', async () => {
    const { userName: _, ...nobody } = token('bob');
    const { refreshToken: __, ...grantOnly } = { ...nobody, id: 'grant' };
    const { grantToken: ___, ...accessOnly } = { ...grantOnly, id: 'access', accessToken: 'AT-only' };
    const { id: ____, ...unnamed } = { ...nobody, refreshToken: 'RT-2', grantToken: 'GT-2', accessToken: 'AT-2' };
    const plan = planOf(token('ann'), { ...anonymous, userName: 'y' }, nobody, grantOnly, accessOnly, unnamed);
    // the grant of one is that of another row: one record
    expect(await outcomes(plan)).toEqual({ imported: 5, unchanged: 1 });
    const before = await revisions();
    expect(await outcomes(plan)).toEqual({ unchanged: 6 });
    expect(await revisions()).toEqual(before);
  });

  test('tells after each token how far it is', async () => {
    const told: string[] = [];
    await write(planOf(token('ann'), token('bob')), { onProgress: (done, total) => told.push(`${done}/${total}`) });
    expect(told).toEqual(['1/2', '2/2']);
  });
});

describe('a token that the target has already', () => {
  test('is left alone when it is newer: the application has renewed it', async () => {
    await write(planOf(token('ann')));
    await store.saveToken({ id: 'ann', accessToken: 'AT-renewed', expiresAt: later + 1 });
    const before = await store.findTokenById('ann');
    const { report } = await write(planOf(token('ann')));
    expect(report.remarks).toEqual([{ row: 1, outcome: 'kept', reason: 'the target has a newer token' }]);
    expect(await store.findTokenById('ann')).toEqual(before);
  });

  test('is left alone when nothing says which is newer', async () => {
    for (const changes of [{ accessToken: 'AT-other' }, { refreshToken: 'RT-other' }, { clientSecret: 'other' }]) {
      await store.deleteTokens();
      await store.saveToken(token('ann', changes), { keepGrant: true });
      expect(await outcomes(planOf(token('ann')))).toEqual({ kept: 1 });
      expect(await store.findTokenById('ann')).toMatchObject(changes);
    }
  });

  test('is left alone when its user has to sign in, or its access token was taken from it', async () => {
    const reauthRequired = { reason: 'refused', at: 1 } as const;
    await write(planOf(token('ann')));
    await store.saveToken({ id: 'ann', reauthRequired, grantToken: null });
    const before = await revisions();
    const { expiresAt: _, ...unknown } = token('ann');
    for (const one of [token('ann'), unknown]) expect(await outcomes(planOf(one))).toEqual({ kept: 1 });
    await store.saveToken({ id: 'ann', refreshToken: 'RT-new' });
    expect(await outcomes(planOf(token('ann')))).toEqual({ kept: 1 });
    expect(await revisions()).not.toEqual(before);
  });

  test('is brought up to date when it is older, without what was added to it', async () => {
    await write(planOf(token('ann', { expiresAt: later - 10 })));
    await store.saveToken({ id: 'ann', keepFresh: true, scope: 'crm' });
    const renewed = token('ann', { accessToken: 'AT-2' });
    expect(await outcomes(planOf(renewed))).toEqual({ updated: 1 });
    expect(await store.findTokenById('ann')).toEqual({ ...renewed, keepFresh: true, scope: 'crm', revision: 3 });
  });

  test('gets an access token where it has none, if its refresh token is the same', async () => {
    const { accessToken: _, expiresAt: __, ...waiting } = token('ann');
    await write(planOf(waiting));
    expect(await outcomes(planOf(token('ann')))).toEqual({ updated: 1 });
  });

  test('gets the settings it lacks, and nothing else changes', async () => {
    const { issuer: _, apiDomain: __, ...unplaced } = token('ann');
    await write(planOf(unplaced));
    await store.saveToken({ id: 'ann', reauthRequired: { reason: 'refused', at: 1 } });
    expect(await outcomes(planOf(token('ann')))).toEqual({ updated: 1 });
    expect(await store.findTokenById('ann')).toMatchObject({ ...token('ann'), reauthRequired: { at: 1 }, revision: 3 });
    expect(await outcomes(planOf(unplaced))).toEqual({ unchanged: 1 });
  });

  test('is found under another id, which stays', async () => {
    await store.saveToken(token('ann', { id: 'elsewhere' }), { keepGrant: true });
    const { report } = await write(planOf(token('ann')));
    expect(report.remarks).toEqual([
      { row: 1, outcome: 'unchanged', notes: ['under the id that the token has in the target'] },
    ]);
    expect(await revisions()).toEqual(['elsewhere 1']);
  });

  test('FS7: never gives way to another user who has its id in the source', async () => {
    await write(planOf(token('bob', { id: '2' })));
    for (const expected of ['imported', 'unchanged']) {
      const { report } = await write(planOf(token('carol', { id: '2' })));
      expect(report.remarks[0]).toMatchObject({ outcome: expected });
    }
    expect(await store.findTokenById('2')).toMatchObject({ userName: 'bob@example.com', revision: 1 });
    const carol = await store.findToken({ userName: 'carol@example.com' });
    expect(carol).toMatchObject({ refreshToken: 'RT-carol', revision: 1 });
    expect(carol?.id).not.toBe('2');
  });

  test('never gives way to another grant without a user that has its id', async () => {
    const { userName: _, ...nobody } = token('bob', { id: '2' });
    await write(planOf(nobody));
    const other = { ...nobody, refreshToken: 'RT-x', accessToken: 'AT-x', grantToken: 'GT-x' };
    expect(await outcomes(planOf(other))).toEqual({ imported: 1 });
    expect(await store.findTokenById('2')).toMatchObject({ refreshToken: 'RT-bob' });
  });

  test('is joined by the name of its user, where it had none', async () => {
    const { userName: _, ...nobody } = token('ann');
    await write(planOf(nobody));
    expect(await outcomes(planOf(token('ann', { id: '7' })))).toEqual({ updated: 1 });
    expect(await store.getTokens()).toEqual([{ ...token('ann'), revision: 2 }]);
  });

  test('is left alone when it is for another resource', async () => {
    const other = token('ann', { resource: 'https://api.example' });
    await store.saveToken(other, { keepGrant: true });
    expect(await outcomes(planOf(token('ann')))).toEqual({ imported: 1 });
    expect(await store.findTokenById('ann')).toEqual({ ...other, revision: 1 });
  });

  test('is the one of the same data centre, where there is one of an unknown', async () => {
    const { issuer: _, ...unplaced } = token('ann', { id: '3' });
    await store.saveToken(token('ann', { id: '4' }), { keepGrant: true });
    await store.saveToken({ ...unplaced, refreshToken: 'RT-3', accessToken: 'AT-3', grantToken: 'GT-3' });
    expect(await outcomes(planOf(token('ann')))).toEqual({ unchanged: 1 });
  });

  test('is not guessed among several of one user', async () => {
    const { issuer: _, ...unplaced } = token('ann', { id: '3' });
    await write(planOf(token('ann'), token('ann', { id: '2', issuer: 'https://accounts.zoho.in' })));
    const { report } = await write(planOf(unplaced));
    expect(report.remarks).toMatchObject([{ outcome: 'skipped', reason: expect.stringContaining('--data-center') }]);
  });

  test('that is damaged spoils its own row', async () => {
    await write(planOf(token('ann'), token('bob')));
    const partition = 'default/tokens';
    const { claim: __, ...record } = (await backend.get(partition, 'ann'))!;
    await backend.delete(partition, 'ann');
    await backend.put({ ...record, sealed: record.sealed.map((byte, i) => (i === 90 ? byte ^ 1 : byte)) }, {});
    const { report } = await write(planOf(token('ann'), token('bob'), token('eve')));
    expect(report.outcomes).toMatchObject({ skipped: 1, unchanged: 1, imported: 1 });
    expect(report.remarks).toMatchObject([{ row: 1, reason: expect.stringContaining('damaged') }]);
  });
});

describe('an import beside others', () => {
  /** A store whose next save is preceded by this. */
  function preceded(by: () => Promise<unknown>): EncryptedTokenStore {
    return new Proxy(store, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        if (name !== 'saveToken') return value.bind(target);
        return async (...args: Parameters<EncryptedTokenStore['saveToken']>) => {
          const first = by;
          by = async () => undefined;
          await first();
          return target.saveToken(...args);
        };
      },
    });
  }

  test('never overwrites what an application has renewed after it looked', async () => {
    await write(planOf(token('ann', { expiresAt: later - 10 })));
    const renewed = { accessToken: 'AT-renewed', expiresAt: later + 10 };
    const target = preceded(() => store.saveToken({ id: 'ann', ...renewed }));
    const { report } = await runImport(planOf(token('ann')), target, { write: true });
    expect(report.outcomes.kept).toBe(1);
    expect(await store.findTokenById('ann')).toMatchObject({ ...renewed, revision: 2 });
  });

  test.each(['own', 'ann'])('never doubles or overwrites what is stored as %s after it looked', async (id) => {
    const renewed = token('ann', { id, accessToken: 'AT-renewed', expiresAt: later + 10 });
    const target = preceded(() => store.saveToken(renewed, { keepGrant: true }));
    const { report } = await runImport(planOf(token('ann')), target, { write: true });
    expect(report.outcomes.kept).toBe(1);
    expect(await store.getTokens()).toEqual([{ ...renewed, revision: 1 }]);
  });

  test('leaves one record of each user, and all of them, when several imports run at once', async () => {
    const tokens = Array.from({ length: 20 }, (_, i) => token(`user${i}`));
    const without = tokens.map(({ id: _, ...one }) => one);
    await Promise.all([write(planOf(...tokens)), write(planOf(...without)), write(planOf(...tokens.toReversed()))]);
    const users = (await store.getTokens()).map(({ userName, revision }) => `${userName} ${revision}`).sort();
    expect(users).toEqual(tokens.map(({ userName }) => `${userName} 1`).sort());
  });

  test('gives a token up that others keep writing, and goes on', async () => {
    await write(planOf(token('ann', { expiresAt: later - 10 })));
    let count = 0;
    const busy = new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (name !== 'saveToken') return typeof value === 'function' ? value.bind(target) : value;
        return async (change: TokenChange, options: object) => {
          if (change.id === 'ann') await store.saveToken({ id: 'ann', scope: `s${count++}` });
          return target.saveToken(change, options);
        };
      },
    });
    const { report } = await runImport(planOf(token('ann'), token('bob')), busy, { write: true });
    expect(report.outcomes).toMatchObject({ skipped: 1, imported: 1 });
    expect(report.remarks).toMatchObject([{ row: 1, reason: expect.stringContaining('others keep writing') }]);
  });
});

describe('an import that ends early', () => {
  const tokens = Array.from({ length: 12 }, (_, i) => token(`user${i}`));

  test.each([0, 1, 5, 11, 12])('goes on after %i tokens, and doubles nothing', async (stopAfter) => {
    const interruption = new AbortController();
    if (stopAfter === 0) interruption.abort();
    const onProgress = (done: number) => done === stopAfter && interruption.abort();
    const { report } = await write(planOf(...tokens), { signal: interruption.signal, onProgress });
    expect(report).toMatchObject({ interrupted: stopAfter < 12, outcomes: { imported: stopAfter } });
    expect(await outcomes(planOf(...tokens))).toEqual({
      ...(stopAfter < 12 && { imported: 12 - stopAfter }),
      ...(stopAfter > 0 && { unchanged: stopAfter }),
    });
    expect(await revisions()).toHaveLength(12);
  });

  test('says how far it came when the database fails, whether or not the last write arrived', async () => {
    for (const arrives of [true, false]) {
      backend = memoryBackend();
      store = new EncryptedTokenStore({ backend, keyring });
      let writes = 0;
      const failing: RecordBackend = {
        ...backend,
        async put(record, condition) {
          if (++writes < 5) return backend.put(record, condition);
          if (arrives) await backend.put(record, condition);
          throw new TokenkeepError('E_STORAGE', 'the connection was lost; try again');
        },
      };
      const target = new EncryptedTokenStore({ backend: failing, keyring });
      const { report, written } = await runImport(planOf(...tokens), target, { write: true });
      expect(report).toMatchObject({ failure: { code: 'E_STORAGE' }, outcomes: { imported: 4 }, interrupted: false });
      expect(written).toHaveLength(4);
      const left = arrives ? 7 : 8;
      expect(await outcomes(planOf(...tokens))).toEqual({ imported: left, unchanged: 12 - left });
    }
  });

  test('refuses a target that another keyring has sealed, before it writes', async () => {
    await write(planOf(token('ann')));
    const other = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
    const { report } = await runImport(planOf(token('bob')), other, { write: true });
    expect(report.failure?.code).toBe('E_KEY_UNKNOWN');
    expect(await revisions()).toEqual(['ann 1']);
  });
});

describe('the verification', () => {
  const path = join(folder, 'target');

  async function verifyAfter(change: (target: EncryptedTokenStore, file: RecordBackend) => Promise<unknown>) {
    rmSync(path, { force: true });
    const file = fileBackend(path);
    const target = new EncryptedTokenStore({ backend: file, keyring });
    const { userName: _, ...nobody } = token('nobody');
    const plan = planOf(token('ann'), token('bob'), nobody);
    const { written } = await runImport(plan, target, { write: true });
    await change(target, file);
    await file.close();
    const fresh = fileBackend(path);
    const told: number[] = [];
    const onProgress = (done: number) => told.push(done);
    const options = { onProgress };
    const report = await verifyImport(written, new EncryptedTokenStore({ backend: fresh, keyring }), options);
    await fresh.close();
    expect(told).toEqual([1, 2, 3]);
    return report;
  }

  test('finds everything as it was written', async () => {
    expect(await verifyAfter(async () => undefined)).toEqual({ verified: 3, overtaken: 0, mismatches: [] });
  });

  test('names what is not there', async () => {
    const report = await verifyAfter((target) => target.deleteToken('bob'));
    expect(report).toEqual({ verified: 2, overtaken: 0, mismatches: [2] });
  });

  test('leaves alone what an application has saved since', async () => {
    const report = await verifyAfter((target) => target.saveToken({ id: 'ann', accessToken: 'AT-2' }));
    expect(report).toEqual({ verified: 2, overtaken: 1, mismatches: [] });
  });

  test('names what cannot be opened, and what its user does not lead to', async () => {
    const rewrite = (change: object) => async (_: unknown, file: RecordBackend) => {
      const { claim: __, ...record } = (await file.get('default/tokens', 'ann'))!;
      await file.delete('default/tokens', 'ann');
      await file.put({ ...record, ...change }, {});
    };
    const nothing = { sealed: Uint8Array.of(1, 1) };
    for (const change of [nothing, { lookups: {} }]) {
      expect(await verifyAfter(rewrite(change))).toEqual({ verified: 2, overtaken: 0, mismatches: [1] });
    }
  });

  test('names what lacks a field or has another one', async () => {
    const report = await verifyAfter(async (target) => {
      await target.deleteToken('ann');
      await target.saveToken(token('ann'));
    });
    expect(report.mismatches).toEqual([1]);
  });

  test('fails when the target does', async () => {
    const { written } = await write(planOf(token('ann')));
    const other = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
    await expectCode('E_KEY_UNKNOWN', () => verifyImport(written, other));
  });
});
