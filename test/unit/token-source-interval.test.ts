import { beforeEach, describe, expect, test } from 'vitest';
import { type SourceRig, sourceRig } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
});

describe('a token source whose server wants a distance between renewals', () => {
  test('leaves a token alone for as long as the server wants between two renewals', async () => {
    rig.pass(minute - 1);
    const refused = await rig.source().getToken();
    expect(await rig.source({ intervalMs: minute }).getToken({ forceRefresh: refused })).toEqual(refused);
    rig.pass(1);
    const renewed = await rig.source({ intervalMs: minute }).getToken({ forceRefresh: refused });
    expect(renewed).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
  });

  test('renews one that has expired however soon that is, and one that it is told to', async () => {
    rig.pass(hour);
    rig.answer = async () => ({ accessToken: 'short', obtainedAt: rig.now(), expiresAt: rig.now() + 1000 });
    await rig.source({ intervalMs: minute }).getToken();
    rig.pass(1000);
    await rig.source({ intervalMs: minute }).getToken();
    await rig.source({ intervalMs: minute }).getToken({ forceRefresh: true });
    expect(rig.calls).toHaveLength(3);
  });
});
