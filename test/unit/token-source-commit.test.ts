import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { door, type SourceRig, sourceRig } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});
afterEach(() => vi.restoreAllMocks());

/** Somebody does something to the stored token while the server renews it. */
function meanwhile(work: () => Promise<unknown>): void {
  const { answer } = rig;
  rig.answer = async (call) => {
    await work();
    return answer(call);
  };
}

describe('what the server answered', () => {
  test('gives way to a newer token that somebody else has stored meanwhile', async () => {
    const expiresAt = rig.now() + hour;
    meanwhile(() => rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', refreshToken: 'new', expiresAt }));
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'theirs', outcome: 'adopted' });
    expect(rig.events.map(({ type }) => type)).toEqual(['adopted']);
    // the claim is given back: the next renewal need not wait for its end
    expect(await rig.source().getToken({ forceRefresh: true })).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls[1]).toMatchObject({ inDoubt: false, token: { refreshToken: 'new' } });
  });

  test('is stored although something else was saved meanwhile, and that save is kept', async () => {
    meanwhile(async () => {
      for (const seen of [1, 2]) await rig.store.saveToken({ id: rig.saved.id, extras: { seen } });
    });
    await rig.source().getToken();
    expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2', extras: { seen: 2 }, revision: 4 });
    expect(rig.calls).toHaveLength(1);
  });

  test('gives way to another renewal at a server that keeps the refresh token', async () => {
    const expiresAt = rig.now() + hour;
    rig.answer = async () => {
      await rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', expiresAt });
      return { accessToken: 'ours', expiresAt };
    };
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'theirs', revision: 2, outcome: 'adopted' });
  });

  test('is stored when it has the new refresh token, although another access token was saved meanwhile', async () => {
    meanwhile(() => rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', expiresAt: rig.now() + hour }));
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', revision: 3, outcome: 'refreshed' });
  });

  test('is stored over the verdict of somebody who found the refresh token spent', async () => {
    meanwhile(() =>
      rig.store.saveToken({ id: rig.saved.id, reauthRequired: { reason: 'interrupted', at: rig.now() } }),
    );
    await rig.source().getToken();
    expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2' });
    expect(await rig.stored()).not.toHaveProperty('reauthRequired');
  });

  test('is saved in the record that was read, whatever id and revision the refresh function returns', async () => {
    const bob = await rig.store.saveToken({ userName: 'bob', accessToken: 'b', refreshToken: 'br' });
    rig.answer = async () => ({ id: bob.id, revision: bob.revision, accessToken: 'access-2' });
    expect(await rig.source().getToken()).toMatchObject({ id: rig.saved.id, userName: 'ann', revision: 2 });
    expect(await rig.store.findTokenById(bob.id)).toEqual(bob);
  });

  test('gives way to a sign-in that has taken the place of a deleted token, under its id', async () => {
    for (const seen of [1, 2]) await rig.store.saveToken({ id: rig.saved.id, extras: { seen } });
    const { userName, issuer, clientId } = rig.saved as { userName: string; issuer: string; clientId: string };
    const theirs = { accessToken: 'theirs', refreshToken: 'new', expiresAt: rig.now() + hour };
    meanwhile(async () => {
      await rig.store.deleteToken(rig.saved.id);
      await rig.store.saveToken({ id: rig.saved.id, userName, issuer, clientId, ...theirs });
    });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'theirs', revision: 1, outcome: 'adopted' });
    expect(await rig.stored()).toMatchObject({ refreshToken: 'new', revision: 1 });
  });

  test('is revoked when the token was deleted meanwhile, and nothing comes back', async () => {
    meanwhile(() => rig.store.deleteToken(rig.saved.id));
    const revoked: unknown[] = [];
    const revoke = async (token: unknown) => {
      // waited for: when the caller has its answer, the runtime may end
      await new Promise((resolve) => setTimeout(resolve, 1));
      revoked.push(token);
      throw new Error('the server could not be told');
    };
    expect((await expectCode('E_REAUTH', rig.source({ revoke }).getToken())).reason).toBeUndefined();
    expect(revoked).toEqual([expect.objectContaining({ userName: 'ann', refreshToken: 'refresh-2' })]);
    expect(rig.events.map(({ type }) => type)).toEqual(['discarded']);
    expect(await rig.store.getTokens()).toEqual([]);
  });

  test('is not waited for when its revocation hangs', async () => {
    meanwhile(() => rig.store.deleteToken(rig.saved.id));
    const revoke = () => new Promise<never>(() => undefined);
    await expectCode('E_REAUTH', rig.source({ revoke, timeoutMs: 1 }).getToken());
  });

  test('is not lost to a claim that ended before it came, if nobody was faster', async () => {
    meanwhile(async () => rig.pass(hour));
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2' });
  });

  test('is stored even when it comes after its caller was told that the server took too long', async () => {
    const { passed, open } = door();
    meanwhile(() => passed);
    const kept: Promise<unknown>[] = [];
    const source = rig.source({ timeoutMs: 1, waitUntil: (work) => void kept.push(work) });
    expect((await expectCode('E_UNAVAILABLE', source.getToken())).inDoubt).toBe(true);
    expect(rig.calls[0]?.signal.aborted).toBe(true);
    open();
    await Promise.all(kept);
    expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2' });
    expect(rig.events.map(({ type }) => type)).toEqual(['in-doubt', 'retry-later', 'refreshed']);
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'fresh' });
  });

  test('does not disturb the one who was faster when it comes late', async () => {
    const late = door();
    const { answer } = rig;
    meanwhile(() => late.passed);
    const kept: Promise<unknown>[] = [];
    await expectCode(
      'E_UNAVAILABLE',
      rig.source({ timeoutMs: 1, waitUntil: (work) => void kept.push(work) }).getToken(),
    );
    rig.pass(minute);
    rig.answer = async (call) => ({ ...(await answer(call)), accessToken: 'theirs', refreshToken: 'theirs-too' });
    await rig.source().getToken();
    late.open();
    await Promise.all(kept);
    expect(await rig.stored()).toMatchObject({ accessToken: 'theirs', refreshToken: 'theirs-too', revision: 2 });
    expect(rig.events.at(-1)?.type).toBe('adopted');
  });
});
