import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { ClaimableTokenStore } from '../../src/core/token-store.ts';
import { localClaims } from '../../src/manager/local-claims.ts';
import { type SourceRig, sourceRig } from '../support/source-rig.ts';

const ttlMs = 60_000;
let rig: SourceRig;
let claims: ClaimableTokenStore;

beforeEach(async () => {
  rig = await sourceRig();
  claims = localClaims(rig.store, rig.now);
});

/** What the store shows from now on. */
function showing(token: SavedToken): void {
  rig.store.findClaimable = async () => ({ token, claim: { owner: '', heldMs: 0, coolingMs: 0 } });
}

const found = async () => (await claims.findClaimable({ id: rig.saved.id }))?.token;

describe('claims within one source', () => {
  test('are granted for a token that was read, and for none that is older than the newest', async () => {
    expect(await claims.claimToken(rig.saved, { owner: 'one', ttlMs })).toEqual({ granted: true, doubts: 0 });
    await claims.releaseToken(rig.saved.id, { owner: 'one' });
    await claims.saveToken({ id: rig.saved.id, accessToken: 'access-2' });
    expect(await claims.claimToken(rig.saved, { owner: 'one', ttlMs })).toEqual({ granted: false });
    expect(await claims.claimToken({ ...rig.saved, revision: 2 }, { owner: 'one', ttlMs })).toMatchObject({
      granted: true,
    });
  });

  test('keep their doubts when something else is saved, and lose them with the refresh token', async () => {
    await found();
    await claims.claimToken(rig.saved, { owner: 'one', ttlMs });
    await claims.releaseToken(rig.saved.id, { owner: 'one', inDoubt: true });
    const saved = await claims.saveToken({ id: rig.saved.id, extras: { seen: 1 } });
    expect(await claims.claimToken(saved, { owner: 'two', ttlMs })).toEqual({ granted: true, doubts: 1 });
    const anew = await claims.saveToken({ id: rig.saved.id, refreshToken: 'refresh-2' }, { claimOwner: 'two' });
    expect(await claims.claimToken(anew, { owner: 'three', ttlMs })).toEqual({ granted: true, doubts: 0 });
  });

  test('hand on everything that has nothing to do with them', async () => {
    for (const method of ['findToken', 'findTokenById', 'deleteToken', 'getTokens', 'deleteTokens'] as const) {
      const answer = Symbol(method);
      const asked = vi.spyOn(rig.store, method).mockResolvedValue(answer as never);
      expect(await (claims[method] as (argument: unknown) => unknown)('asked')).toBe(answer);
      expect(asked.mock.calls[0]?.slice(0, method.endsWith('Tokens') ? 0 : 1)).toEqual(
        method.endsWith('Tokens') ? [] : ['asked'],
      );
    }
  });
});

describe('the newest token that a source has seen', () => {
  test.each<[what: string, shown: Partial<SavedToken>, taken: boolean]>([
    ['of a later revision', { revision: 3, obtainedAt: 0 }, true],
    ['of an earlier revision', { revision: 1, obtainedAt: 9e12 }, false],
    ['of its revision that was obtained later', { obtainedAt: 9e12 }, true],
    ['of its revision that was obtained earlier', { obtainedAt: 1 }, false],
    ['of its revision that was obtained at the same time', {}, false],
    ['of another record, whenever that was obtained', { id: 'another', obtainedAt: 1 }, true],
    ['of another record of an earlier revision', { id: 'another', revision: 1 }, true],
  ])('%s', async (_, shown, taken) => {
    const known = { ...rig.saved, revision: 2, accessToken: 'known' };
    showing(known);
    expect((await found())?.accessToken).toBe('known');
    showing({ ...known, accessToken: 'shown', ...shown });
    expect((await found())?.accessToken).toBe(taken ? 'shown' : 'known');
  });
});
