import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyringState } from '../../src/core/keyring.ts';
import { changeKeyring, type KeyringChange } from '../../src/crypto/change-keyring.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { type KeyringTransition, keyringAfter } from '../../src/crypto/keyring-after.ts';
import { expectCode } from '../support/expect-code.ts';

const [a, b, c, d] = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'];
const state: KeyringState = {
  primary: a,
  index: b,
  keys: [
    { keyId: a, status: 'enabled' },
    { keyId: b, status: 'enabled' },
    { keyId: c, status: 'pending' },
    { keyId: d, status: 'disabled' },
  ],
};
const after = (transition: KeyringTransition): string => {
  const { primary, index, keys } = keyringAfter(state, transition);
  return `${primary[0]}${index[0]} ${keys.map(({ keyId, status }) => `${keyId[0]}:${status}`).join(' ')}`;
};

describe('the state of a keyring', () => {
  test.each<[KeyringTransition, string]>([
    [{ kind: 'add', keyId: 'eeeeeeee' }, 'ab a:enabled b:enabled c:pending d:disabled e:pending'],
    [{ kind: 'promote', keyId: c }, 'cc a:enabled b:enabled c:enabled d:disabled'],
    [{ kind: 'promote', keyId: c, use: 'seal' }, 'cb a:enabled b:enabled c:enabled d:disabled'],
    [{ kind: 'promote', keyId: c, use: 'index' }, 'ac a:enabled b:enabled c:enabled d:disabled'],
    [{ kind: 'promote', keyId: a }, 'aa a:enabled b:enabled c:pending d:disabled'],
    [{ kind: 'enable', keyId: d }, 'ab a:enabled b:enabled c:pending d:enabled'],
    [{ kind: 'enable', keyId: a }, 'ab a:enabled b:enabled c:pending d:disabled'],
    [{ kind: 'disable', keyId: d }, 'ab a:enabled b:enabled c:pending d:disabled'],
    [{ kind: 'remove', keyId: c }, 'ab a:enabled b:enabled d:disabled'],
    [{ kind: 'remove', keyId: d }, 'ab a:enabled b:enabled c:pending'],
  ])('after %o is the next one', (transition, expected) => {
    expect(after(transition)).toBe(expected);
  });

  test('lets a key be disabled that is no longer in use', () => {
    const promoted = keyringAfter(state, { kind: 'promote', keyId: c });
    expect(keyringAfter(promoted, { kind: 'disable', keyId: a }).keys[0]).toEqual({ keyId: a, status: 'disabled' });
  });

  test.each<[KeyringTransition, string]>([
    [{ kind: 'add', keyId: d }, 'already'],
    [{ kind: 'promote', keyId: 'eeeeeeee' }, 'not in the keyring'],
    [{ kind: 'promote', keyId: d }, 'enable it'],
    [{ kind: 'disable', keyId: a }, 'promote another'],
    [{ kind: 'disable', keyId: b }, 'promote another'],
    [{ kind: 'disable', keyId: c }, 'remove it instead'],
    [{ kind: 'disable', keyId: 'eeeeeeee' }, 'not in the keyring'],
    [{ kind: 'enable', keyId: c }, 'promote it instead'],
    [{ kind: 'remove', keyId: a }, 'promote another'],
    [{ kind: 'remove', keyId: b }, 'promote another'],
    [{ kind: 'remove', keyId: 'eeeeeeee' }, 'not in the keyring'],
  ])('refuses %o', async (transition, reason) => {
    expect((await expectCode('E_KEYRING', () => keyringAfter(state, transition))).message).toContain(reason);
  });

  test('refuses to remove a key that still opens records', async () => {
    const promoted = keyringAfter(state, { kind: 'promote', keyId: c });
    const error = await expectCode('E_KEYRING', () => keyringAfter(promoted, { kind: 'remove', keyId: a }));
    expect(error.message).toContain('disable it first');
  });

  test('is a new one each time, and the one before stays as it was', () => {
    const was = structuredClone(state);
    keyringAfter(state, { kind: 'promote', keyId: c });
    keyringAfter(state, { kind: 'add', keyId: 'eeeeeeee' });
    expect(state).toEqual(was);
  });
});

interface Setting {
  readonly primary: string;
  readonly index: string;
  readonly keys: readonly { readonly kid: string; readonly k: string; readonly status: string }[];
}

describe('a keyring setting', () => {
  let first: string;
  beforeAll(async () => {
    first = await generateKeyring();
  });
  const parsed = (setting: string): Setting => JSON.parse(setting) as Setting;
  const change = async (setting: string, ...changes: readonly KeyringChange[]): Promise<string> => {
    let next = setting;
    for (const one of changes) next = await changeKeyring(next, one);
    return next;
  };

  test('gets a new random key that is pending, and keeps the others byte by byte', async () => {
    const [one, two] = [await change(first, { kind: 'add' }), await change(first, { kind: 'add' })].map(parsed);
    expect(one?.keys[0]).toEqual(parsed(first).keys[0]);
    expect(one?.keys[1]).toMatchObject({ status: 'pending' });
    expect(one?.keys[1]?.k).not.toBe(two?.keys[1]?.k);
    expect([one?.primary, one?.index]).toEqual([parsed(first).primary, parsed(first).index]);
    expect((await importKeyring(JSON.stringify(one))).info()).toHaveLength(2);
  });

  test('goes all the way from one key to another, and each step can be imported', async () => {
    const added = await change(first, { kind: 'add' });
    const [old, young] = parsed(added).keys.map(({ kid }) => kid) as [string, string];
    const promoted = await change(added, { kind: 'promote', keyId: young });
    const disabled = await change(promoted, { kind: 'disable', keyId: old });
    const removed = await change(disabled, { kind: 'remove', keyId: old });
    for (const setting of [added, promoted, disabled, removed]) await importKeyring(setting);
    expect((await importKeyring(removed)).info()).toEqual([
      { keyId: young, status: 'enabled', primary: true, primaryIndex: true },
    ]);
    expect(await change(disabled, { kind: 'enable', keyId: old })).toBe(promoted);
  });

  test('that is malformed, or cannot make the change, is refused without being quoted', async () => {
    const { keys, primary } = parsed(first);
    const secret = keys[0]?.k as string;
    const attempts = [
      changeKeyring(first.replace('"v":1', '"v":2'), { kind: 'add' }),
      changeKeyring(first.slice(0, -1), { kind: 'add' }),
      changeKeyring(first, { kind: 'disable', keyId: primary }),
      changeKeyring(first, { kind: 'remove', keyId: '00000000' }),
    ];
    for (const attempt of attempts) {
      const { message, stack } = await expectCode('E_KEYRING', attempt);
      expect(message + stack).not.toContain(secret.slice(0, 8));
    }
  });

  test('leaves no copy of its bytes, nor of the new ones, behind', async () => {
    const seen: Uint8Array[] = [];
    const original = crypto.getRandomValues;
    crypto.getRandomValues = ((array: Uint8Array<ArrayBuffer>) => {
      seen.push(array);
      return original.call(crypto, array);
    }) as typeof original;
    try {
      await change(first, { kind: 'add' });
    } finally {
      crypto.getRandomValues = original;
    }
    expect(seen).toEqual([new Uint8Array(32)]);
  });
});
