import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { door, type SourceRig, sourceRig } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
});
afterEach(() => void vi.useRealTimers());

describe('what a token source is asked for', () => {
  test('does not hand one user the renewal of another, nor lets him wait for it', async () => {
    const { issuer, clientId } = rig.saved as { issuer: string; clientId: string };
    const bobs = { accessToken: 'bob-1', refreshToken: 'bob-refresh-1', expiresAt: rig.now() };
    await rig.store.saveToken({ userName: 'bob', issuer, clientId, ...bobs });
    rig.pass(hour);
    const { passed, open } = door();
    const { answer } = rig;
    rig.answer = async (call) => {
      if (call.token.userName === 'bob') return { accessToken: 'bob-2' };
      await passed;
      return answer(call);
    };
    const ann = rig.source().getToken();
    await expect.poll(() => rig.calls.length).toBe(1);
    const query = { userName: 'bob', issuer, clientId };
    expect(await rig.source({ query }).getToken()).toMatchObject({ userName: 'bob', accessToken: 'bob-2' });
    open();
    expect(await ann).toMatchObject({ userName: 'ann', outcome: 'refreshed' });
  });

  test('keeps the tokens of one user for two resources apart, also while both are renewed', async () => {
    const { userName, issuer, clientId } = rig.saved as { userName: string; issuer: string; clientId: string };
    const expiresAt = rig.now();
    const tokenFor = { userName, issuer, clientId, accessToken: 'mail-1', refreshToken: 'mail-refresh-1', expiresAt };
    await rig.store.saveToken({ ...tokenFor, resource: 'https://mail.example' });
    rig.pass(hour);
    rig.answer = async ({ token }) => ({ accessToken: `of ${token.resource}` });
    const query = { userName, issuer, clientId };
    const tokens = await Promise.all([
      rig.source({ query }).getToken(),
      rig.source({ query: { ...query, resource: 'https://mail.example' } }).getToken(),
    ]);
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(['of undefined', 'of https://mail.example']);
    expect(rig.calls).toHaveLength(2);
  });

  test('hands out no token with less scope than was asked for', async () => {
    await rig.store.saveToken({ id: rig.saved.id, scope: 'read write' });
    const query = { userName: 'ann', issuer: 'https://login.example', clientId: 'app' };
    const asking = (scope: string) => rig.source({ query: { ...query, scope } }).getToken();
    expect((await asking('read')).scope).toBe('read write');
    expect((await asking('write read')).scope).toBe('read write');
    await expectCode('E_REAUTH', asking('read delete'));
  });

  test('renews a token from the future: the clock has been turned back', async () => {
    rig.pass(-2 * minute);
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
  });

  test('uses a token without an expiry until it is refused', async () => {
    await rig.store.saveToken({ id: rig.saved.id, expiresAt: null });
    rig.pass(1000 * hour);
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'fresh' });
    expect(await rig.source().getToken({ forceRefresh: true })).toMatchObject({ accessToken: 'access-2' });
  });
});
