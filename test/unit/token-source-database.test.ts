import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});
afterEach(() => vi.restoreAllMocks());

const broken = () => new TokenkeepError('E_STORAGE', 'the database failed; try again');

describe('when the database fails', () => {
  /** The next calls of a method of the store fail, before or after they take place. */
  function failing(
    method: 'saveToken' | 'claimToken' | 'releaseToken' | 'findTokenById',
    times: number,
    done: boolean,
  ) {
    const works = rig.store[method].bind(rig.store) as (...args: unknown[]) => Promise<never>;
    let failures = 0;
    return vi.spyOn(rig.store, method).mockImplementation(async (...args: unknown[]) => {
      if (failures++ >= times) return works(...args);
      if (done) await works(...args);
      throw broken();
    });
  }

  test.each([
    ['before it took place', false],
    ['after it took place', true],
  ])('the write is tried again: %s', async (_, done) => {
    failing('saveToken', 2, done);
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
    expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2', revision: 2 });
    expect(rig.calls).toHaveLength(1);
  });

  test.each([
    ['before it took place', false],
    ['after it took place', true],
  ])('the claim is asked for again by the same owner, and is not in doubt: %s', async (_, done) => {
    failing('claimToken', 2, done);
    await rig.source().getToken();
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false]);
  });

  test('a claim that was granted unheard is given up when a save in between refuses its repetition', async () => {
    const claim = rig.store.claimToken.bind(rig.store);
    vi.spyOn(rig.store, 'claimToken').mockImplementationOnce(async (...args) => {
      await claim(...args);
      await rig.store.saveToken({ id: rig.saved.id, extras: { seen: 1 } });
      throw broken();
    });
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls).toMatchObject([{ inDoubt: false }]);
  });

  test('a claim that was granted, but never acknowledged, is given up: nothing was sent under it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    failing('claimToken', 6, true);
    const told = expectCode('E_STORAGE', rig.source().getToken());
    await vi.advanceTimersByTimeAsync(5000);
    await expect.poll(() => vi.advanceTimersByTimeAsync(100).then(() => vi.getTimerCount())).toBe(0);
    vi.useRealTimers();
    await told;
    await rig.source().getToken();
    expect(rig.calls).toMatchObject([{ inDoubt: false }]);
  });

  test('a refusal that was stored, but never acknowledged, is stored once', async () => {
    failing('saveToken', 1, true);
    rig.answer = refusing('invalid_grant');
    await expectCode('E_REAUTH', rig.source().getToken());
    expect(await rig.stored()).toMatchObject({ reauthRequired: { reason: 'refused' }, revision: 2 });
  });

  test('an answer that keeps the refresh token is known again when its write was never acknowledged', async () => {
    failing('saveToken', 1, true);
    rig.answer = async () => ({ accessToken: 'access-2', expiresAt: rig.now() + hour });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
  });

  test('the claim is given back again, so that the next need not wait for its end', async () => {
    failing('releaseToken', 1, false);
    rig.answer = refusing('temporarily_unavailable', { retryAfterMs: 1000 });
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect((await rig.store.findClaimable({ id: rig.saved.id }))?.claim).toMatchObject({ owner: '', heldMs: 0 });
  });

  test('a claim that cannot be given back ends by itself, and its caller is told what the server said', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    failing('releaseToken', 99, false);
    rig.answer = refusing('temporarily_unavailable', { retryAfterMs: 1000 });
    const told = expectCode('E_UNAVAILABLE', rig.source().getToken());
    await expect.poll(() => rig.calls.length).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await told;
  });

  test('a database that stays broken is reported after five seconds, and the doubt is left for the next', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const saves = failing('saveToken', 99, false);
    const told = expectCode('E_STORAGE', rig.source().getToken());
    await vi.waitFor(() => expect(saves).toHaveBeenCalledTimes(1));
    await vi.advanceTimersByTimeAsync(4999);
    expect(saves.mock.calls.length).toBeLessThan(6);
    await vi.advanceTimersByTimeAsync(100);
    vi.useRealTimers();
    await told;
    expect(saves).toHaveBeenCalledTimes(6);
    expect(rig.events.map(({ type }) => type)).toEqual(['persist-failed']);
    saves.mockRestore();
    // the claim is given back: who comes next need not wait for its end
    await rig.source().getToken();
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
  });

  test('a conflict that is none is reported, and the spent token is handed out to nobody for it', async () => {
    rig.backend.put = async () => 'conflict';
    await expectCode('E_CONFLICT', rig.source().getToken());
    expect(rig.calls).toHaveLength(1);
  });

  test('what else it throws is passed on', async () => {
    vi.spyOn(rig.store, 'claimToken').mockRejectedValue(new TokenkeepError('E_QUOTA', 'the database is full'));
    const release = vi.spyOn(rig.store, 'releaseToken');
    await expectCode('E_QUOTA', rig.source().getToken());
    expect(release).not.toHaveBeenCalled();
    rig.pass(-5 * minute);
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'kept' });
  });
});
