import { beforeEach, describe, expect, test } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});

describe('when nobody knows whether the server replaced the refresh token', () => {
  const lost = [
    ['a lost connection', unreachable()],
    ['a lost connection that says so', unreachable({ inDoubt: true })],
    ['an answer of a gateway', refusing('server_error', { inDoubt: true })],
    ['an answer nobody can read', refusing('server_error')],
    ['a refresh function that broke', () => Promise.reject(new Error('sentinel-of-somebody-else'))],
  ] as const;

  test.each(lost)('%s leaves a doubt behind, which an unrelated save does not clear', async (_, answer) => {
    rig.answer = answer;
    const error = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(String(error)).not.toContain('sentinel');
    expect(rig.events.map(({ type }) => type)).toEqual(['in-doubt', 'retry-later']);
    await rig.store.saveToken({ id: rig.saved.id, extras: { seen: true } });
    rig.pass(minute);
    expect(await rig.doubts()).toBe(1);
  });

  test('it is sent once more, and when the server takes it nothing is lost', async () => {
    const { answer } = rig;
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.pass(minute);
    rig.answer = answer;
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
    expect(await rig.doubts()).toBe(0);
  });

  test('when the server refuses it then, the user is told that a renewal was cut off', async () => {
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.pass(minute);
    rig.answer = refusing('invalid_grant');
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBe('interrupted');
    expect((await rig.stored())?.reauthRequired?.reason).toBe('interrupted');
  });

  test('it is never sent a third time', async () => {
    rig.answer = unreachable();
    for (let attempt = 0; attempt < 2; attempt++) {
      await expectCode('E_UNAVAILABLE', rig.source().getToken());
      rig.pass(minute);
    }
    expect(rig.events).toContainEqual(expect.objectContaining({ type: 'in-doubt', attempts: 2 }));
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBe('interrupted');
    expect(rig.calls).toHaveLength(2);
  });

  test('a failure that is known to have reached nobody does not count', async () => {
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.answer = unreachable({ inDoubt: false });
    for (let attempt = 0; attempt < 5; attempt++) {
      rig.pass(minute);
      await expectCode('E_UNAVAILABLE', rig.source().getToken());
    }
    rig.answer = async () => ({ accessToken: 'access-9' });
    rig.pass(minute);
    expect((await rig.source().getToken()).accessToken).toBe('access-9');
  });

  test('it is not sent again at all where the provider wants a sign-in instead', async () => {
    rig.answer = unreachable();
    const source = rig.source({ whenInDoubt: 'sign-in' });
    await expectCode('E_UNAVAILABLE', source.getToken());
    rig.pass(minute);
    expect((await expectCode('E_REAUTH', source.getToken())).reason).toBe('interrupted');
    expect(rig.calls).toHaveLength(1);
  });

  test('a holder that died leaves a doubt, once its claim is over', async () => {
    await rig.store.claimToken(rig.saved, { owner: 'dead', ttlMs: minute });
    rig.pass(minute);
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([true]);
  });
});
