import { beforeEach, describe, expect, test, vi } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});

describe('listeners', () => {
  test('that are waited for are told before the caller gets the token, those that are not wait for nobody', async () => {
    const told: string[] = [];
    const token = rig
      .source({
        onEvent: ({ type }) => void told.push(`${type} at once`),
        onEventAwaited: async ({ type }) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          told.push(`${type} waited for`);
        },
      })
      .getToken()
      .then(() => told.push('the caller'));
    await token;
    expect(told).toEqual(['refreshed at once', 'refreshed waited for', 'the caller']);
  });

  test('cost nobody a token when they throw', async () => {
    const fails = () => {
      throw new Error('a listener that broke');
    };
    const source = rig.source({ onEvent: fails, onEventAwaited: async () => fails() });
    expect((await source.getToken()).accessToken).toBe('access-2');
    expect((await rig.source({ onEventAwaited: fails }).getToken({ forceRefresh: true })).accessToken).toBe('access-3');
  });

  test('cost nobody a token, nor the process its life, when they return a promise that fails', async () => {
    const handled: unknown[] = [];
    const onEvent = () => {
      const rejected = Promise.reject(new Error('a listener that broke'));
      handled.push(vi.spyOn(rejected, 'then'));
      return rejected;
    };
    await rig.source({ onEvent }).getToken();
    expect(handled[0]).toHaveBeenCalled();
  });

  test('hear of nothing secret', async () => {
    await rig.source().getToken();
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken({ forceRefresh: true }));
    rig.pass(minute);
    rig.answer = refusing('invalid_grant');
    await expectCode('E_REAUTH', rig.source().getToken({ forceRefresh: true }));
    expect(rig.events.map(({ type }) => type)).toEqual(['refreshed', 'in-doubt', 'retry-later', 'reauth-required']);
    expect(JSON.stringify(rig.events)).not.toMatch(/access-|refresh-|ann|login\.example/);
  });
});

test('a token is there although the runtime cannot be kept alive for its renewal', async () => {
  const waitUntil = () => {
    throw new TypeError('there is no execution context');
  };
  expect(await rig.source({ waitUntil }).getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
  expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2' });
});
