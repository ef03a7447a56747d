import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { accessTokenOf } from '../../src/manager/access-token-of.ts';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
});
afterEach(() => vi.restoreAllMocks());

describe('a forced renewal', () => {
  test('is of the very token that was refused, and of none that has its place or its text', async () => {
    rig.pass(minute);
    const refused = await rig.source().getToken();
    await rig.source().getToken({ forceRefresh: refused });
    rig.pass(minute);
    expect(await rig.source().getToken({ forceRefresh: refused })).toMatchObject({ outcome: 'fresh' });
    const { accessToken } = await rig.source().getToken();
    const another = { ...refused, accessToken, id: 'of another record' };
    expect(await rig.source().getToken({ forceRefresh: another })).toMatchObject({ outcome: 'fresh' });
    expect(rig.calls).toHaveLength(1);
  });

  test('is done once for all who ask together, also where nobody knows when the token was obtained', async () => {
    rig.answer = async () => ({ accessToken: `access-${rig.calls.length + 1}`, refreshToken: 'refresh-2' });
    const tokens = await Promise.all([1, 2, 3].map(() => rig.source().getToken({ forceRefresh: true })));
    expect(tokens.map(({ outcome }) => outcome).sort()).toEqual(['joined', 'joined', 'refreshed']);
    expect(rig.calls).toHaveLength(1);
  });

  test('is not put off because a clock that is a little ahead has obtained the token', async () => {
    const refused = await rig.source().getToken();
    rig.pass(-1);
    expect(await rig.source().getToken({ forceRefresh: refused })).toMatchObject({ accessToken: 'access-2' });
  });
});

describe('what a caller gets of a renewal', () => {
  test('is read once where nothing else can have come of it', async () => {
    rig.pass(hour - 5 * minute);
    const find = vi.spyOn(rig.store, 'findClaimable');
    const { answer } = rig;
    rig.answer = unreachable();
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'kept' });
    expect(find).toHaveBeenCalledTimes(1);
    rig.pass(minute);
    rig.answer = answer;
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(find).toHaveBeenCalledTimes(2);
  });

  test('is what the server gave, however little and short-lived that is', async () => {
    rig.pass(hour);
    rig.answer = async () => ({ accessToken: 'access-2', scope: 'read', expiresAt: rig.now() });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
    expect(rig.calls).toHaveLength(1);
  });

  test('is no token that was deleted meanwhile, though it would still work', async () => {
    rig.pass(hour - 5 * minute);
    const { answer } = rig;
    rig.answer = async (call) => {
      await rig.store.deleteToken(rig.saved.id);
      return answer(call);
    };
    await expectCode('E_REAUTH', rig.source().getToken());
  });

  test('is no token in place of a programming error', async () => {
    rig.pass(hour - 5 * minute);
    vi.spyOn(rig.store, 'saveToken').mockRejectedValue(new TypeError('a mistake'));
    await expect(rig.source().getToken()).rejects.toThrow('a mistake');
  });

  test('is not somebody else’s newer token where the settings are wrong', async () => {
    rig.pass(hour);
    rig.answer = async () => {
      const expiresAt = rig.now() + hour;
      await rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', refreshToken: 'theirs-too', expiresAt });
      return refusing('invalid_client')();
    };
    await expectCode('E_CONFIG', rig.source().getToken());
  });

  test('is nothing where there is no access token', async () => {
    await expectCode('E_REAUTH', () => accessTokenOf({ id: 'one', revision: 1, refreshToken: 'r' }, 'fresh'));
  });
});

test('nobody asks for a claim that somebody holds', async () => {
  rig.pass(hour);
  await rig.store.claimToken(rig.saved, { owner: 'somebody', ttlMs: minute });
  const claim = vi.spyOn(rig.store, 'claimToken');
  await expectCode('E_TIMEOUT', rig.source({ waitMs: 1 }).getToken());
  expect(claim).not.toHaveBeenCalled();
});
