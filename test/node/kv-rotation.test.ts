import { describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { KVLike } from '../../src/backends/kv-namespace.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { staleKv } from '../../src/testing/index.ts';
import { expectCode } from '../support/expect-code.ts';
import { expectAll, fill, filled, partition, rotate, rotationKeys, tokenOf } from '../support/rotation-rig.ts';

/** A KV namespace that shows everything at once, and takes any number of writes: each second has one call. */
function freshKv(): KVLike {
  let time = 0;
  const kv = staleKv({ now: () => (time += 1000), staleMs: 0, listLagMs: 0 });
  return kv.at('here');
}

/** The namespace, whose call of this number fails before or after its effect. */
function failingKv(kv: KVLike, number: number, moment: 'before' | 'after') {
  let calls = 0;
  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const fails = calls++ === number;
    if (fails && moment === 'before') throw new Error('500');
    const result = await work();
    if (fails) throw new Error('500');
    return result;
  };
  const failing: KVLike = {
    getWithMetadata: (key, type) => call(() => kv.getWithMetadata(key, type)),
    put: (key, value, options) => call(() => kv.put(key, value, options)),
    delete: (key) => call(() => kv.delete(key)),
    list: (options) => call(() => kv.list(options)),
  };
  return { failing, calls: () => calls };
}

describe('a rotation in KV, by the only writer,', () => {
  test.each(['before', 'after'] as const)(
    'case 46: cut off %s any single call of KV loses nothing and goes on',
    async (moment) => {
      let number = 0;
      for (let calls = 1; number < calls; number++) {
        const { young, before, pending, promoted, after } = await rotationKeys();
        const kv = freshKv();
        const session = await fill(kvBackend(kv), before);
        const failing = failingKv(kv, number, moment);
        const run = rotate({ backend: kvBackend(failing.failing), keyring: promoted, soleWriter: true });
        await run.catch((error: unknown) => expect(error).toMatchObject({ code: 'E_STORAGE' }));
        // else the run has made no call of this number, and went through
        if (failing.calls() > number) calls = number + 2;
        await expectAll(kvBackend(kv), number % 2 === 0 ? pending : promoted, session);
        const next = await rotate({ backend: kvBackend(kv), keyring: promoted, soleWriter: true });
        expect(next).toMatchObject({ failed: 0, remaining: 0 });
        expect(await kvBackend(kv).keyUse()).toEqual([{ keyId: young, indexKeyId: young, records: filled }]);
        await expectAll(kvBackend(kv), after, session);
      }
      expect(number).toBeGreaterThan(filled * 5);
    },
    60_000,
  );

  test('is refused without that promise, and nothing is sealed anew in passing', async () => {
    const { before, promoted } = await rotationKeys();
    const backend = kvBackend(freshKv());
    const { id } = await new EncryptedTokenStore({ backend, keyring: before }).saveToken(tokenOf('ann'));
    const was = await backend.get(partition, id);
    await expectCode('E_UNSUPPORTED', rotate({ backend, keyring: promoted }));
    expect(await new EncryptedTokenStore({ backend, keyring: promoted }).findTokenById(id)).toMatchObject({
      revision: 1,
    });
    expect(await backend.get(partition, id)).toEqual(was);
  });

  test('ends after one pass, though KV goes on showing for a while what was there before', async () => {
    let time = 0;
    const kv = staleKv({ now: () => time });
    const { before, promoted, after } = await rotationKeys();
    const writer = kvBackend(kv.at('a'));
    const { id } = await new EncryptedTokenStore({ backend: writer, keyring: before }).saveToken(tokenOf('ann'));
    time += 120_000;
    const backend = kvBackend(kv.at('b'));
    await backend.get(partition, id);
    expect(await rotate({ backend, keyring: promoted, soleWriter: true })).toMatchObject({ resealed: 1, remaining: 0 });
    time += 120_000;
    const store = new EncryptedTokenStore({ backend: kvBackend(kv.at('c')), keyring: after });
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({ ...tokenOf('ann'), revision: 2 });
  });
});
