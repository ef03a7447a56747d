import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromBase64url } from '../../src/core/base64url.ts';
import { toHex } from '../../src/core/hex.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { passkeySlot } from '../../src/vault/passkey-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { expectCode } from '../support/expect-code.ts';
import { type AuthenticatorOptions, type VirtualAuthenticator, virtualAuthenticator } from './virtual-authenticator.ts';

const passkey = passkeySlot({ rpName: 'a test', userName: 'ann' });
const recovery = recoverySlot(generateRecoveryCode());
const authenticators: VirtualAuthenticator[] = [];
let name: string;
let vault: Vault;

async function plugIn(options: AuthenticatorOptions = {}): Promise<VirtualAuthenticator> {
  const authenticator = await virtualAuthenticator(options);
  authenticators.push(authenticator);
  return authenticator;
}

/** Two authenticators with a passkey each; the first one does not answer from now on. */
async function twoPasskeys() {
  const first = await plugIn({ transport: 'usb' });
  const slot = await vault.create(passkey);
  await vault.addSlot(recovery, { by: passkey });
  await first.touch(false);
  const second = await plugIn({ transport: 'usb' });
  const other = await vault.addSlot(passkeySlot({ label: 'the other one' }), { by: recovery });
  return { first, second, slot, other };
}

beforeEach(() => {
  name = `vault-passkey-${crypto.randomUUID()}`;
  vault = openVault({ name });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vault.close();
  for (const authenticator of authenticators.splice(0)) await authenticator.remove();
  await deleteDB(name);
});

describe('case 59: a vault with passkeys', () => {
  test('is made with one prompt where the browser gives the value at once, and opened with one', async () => {
    const authenticator = await plugIn();
    const create = vi.spyOn(navigator.credentials, 'create');
    const get = vi.spyOn(navigator.credentials, 'get');
    const slot = await vault.create(passkeySlot({ rpName: 'a test', userName: 'ann', label: 'laptop' }));
    expect(slot).toMatchObject({ kind: 'passkey', label: 'laptop', id: expect.stringMatching(/^passkey\/[\w-]+$/) });
    expect([create.mock.calls.length, get.mock.calls.length]).toEqual([1, 0]);
    const { keyId } = vault.keyring.sealingRoot();
    vault.lock();
    expect(await vault.unlock(passkeySlot())).toEqual(slot);
    expect(vault.keyring.sealingRoot().keyId).toBe(keyId);
    expect([create.mock.calls.length, get.mock.calls.length]).toEqual([1, 1]);
    expect(await authenticator.count()).toBe(1);
    for (const [call] of [...create.mock.calls, ...get.mock.calls] as [any][]) {
      const { userVerification, authenticatorSelection } = call.publicKey;
      expect(userVerification ?? authenticatorSelection.userVerification).toBe('required');
    }
  });

  test('is made with a second prompt where the browser gives the value only then', async () => {
    await plugIn();
    const { create } = navigator.credentials;
    vi.spyOn(navigator.credentials, 'create').mockImplementation((options) => {
      const { publicKey } = options as { publicKey: PublicKeyCredentialCreationOptions };
      return create.call(navigator.credentials, { publicKey: { ...publicKey, extensions: { prf: {} } } });
    });
    const get = vi.spyOn(navigator.credentials, 'get');
    await vault.create(passkey);
    expect(get).toHaveBeenCalledOnce();
    vault.lock();
    await vault.unlock(passkey);
  });

  test('opens by each of two, with one prompt for both', async () => {
    const { first, second, slot, other } = await twoPasskeys();
    const get = vi.spyOn(navigator.credentials, 'get');
    expect(await vault.unlock(passkey)).toEqual(other);
    await first.touch(true);
    await second.touch(false);
    expect(await vault.unlock(passkey)).toEqual(slot);
    expect(get).toHaveBeenCalledTimes(2);
    const [call] = get.mock.calls[0] as [any];
    expect(call.publicKey.allowCredentials).toHaveLength(2);
    await vault.removeSlot(slot.id);
    expect((await vault.slots()).map(({ id }) => id)).toEqual([other.id, 'recovery']);
  });

  test('refuses a second passkey on the same authenticator', async () => {
    const authenticator = await plugIn();
    await vault.create(passkey);
    await expectCode('E_CONFLICT', vault.addSlot(passkey, { by: passkey }));
    expect(await authenticator.count()).toBe(1);
    expect(await vault.slots()).toHaveLength(1);
  });

  test('gets a new master key for the passkeys that are there, each asked once', async () => {
    const { first, second, slot, other } = await twoPasskeys();
    const create = vi.spyOn(navigator.credentials, 'create');
    const ask = navigator.credentials.get;
    const get = vi.spyOn(navigator.credentials, 'get').mockImplementation(async (options: any) => {
      // the user touches one that may answer: the second one as long as it may
      const isFirst = options.publicKey.allowCredentials.length === 1;
      await first.touch(isFirst);
      await second.touch(!isFirst);
      return ask.call(navigator.credentials, options);
    });
    const removed = await vault.rekey({ by: passkey, slots: [passkey, passkey] });
    expect(removed.map(({ kind }) => kind)).toEqual(['recovery']);
    expect([create.mock.calls.length, get.mock.calls.length]).toEqual([0, 2]);
    const kept = (await vault.slots()).map(({ id, label }) => ({ id, label }));
    expect(new Set(kept)).toEqual(new Set([slot, other].map(({ id, label }) => ({ id, label }))));
    vault.lock();
    expect((await vault.unlock(passkey)).id).toBe(other.id);
    expect(vault.keys()).toHaveLength(2);
    expect((await vault.rekey({ by: passkey, slots: [passkey] })).map(({ id }) => id)).toEqual([slot.id]);
    expect([create.mock.calls.length, get.mock.calls.length]).toEqual([0, 4]);
  });

  test('is E_PRF where the authenticator derives no keys, and leaves nothing behind', async () => {
    await plugIn({ hasPrf: false });
    await expectCode('E_PRF', vault.create(passkey));
    expect(await vault.state()).toBe('absent');
  });

  test('is E_CANCELLED when the user cancels, is not verified, or has no fitting passkey here', async () => {
    const authenticator = await plugIn();
    await vault.create(passkey);
    vault.lock();
    await authenticator.verify(false);
    await expectCode('E_CANCELLED', vault.unlock(passkey));
    await authenticator.remove();
    authenticators.pop();
    await plugIn();
    await expectCode('E_CANCELLED', vault.unlock(passkey));
    for (const error of ['NotAllowedError', 'AbortError', 'UnknownError']) {
      vi.spyOn(navigator.credentials, 'get').mockRejectedValueOnce(new DOMException('of the browser', error));
      await expectCode('E_CANCELLED', vault.unlock(passkey));
    }
    expect(await vault.state()).toBe('locked');
  });

  test('is E_PRF when the authenticator has not verified its user, whatever the browser says', async () => {
    await plugIn({ hasUserVerification: false, isUserVerified: false, transport: 'usb' });
    const { create } = navigator.credentials;
    const discouraged = { userVerification: 'discouraged' } as const;
    vi.spyOn(navigator.credentials, 'create').mockImplementation((options: any) =>
      create.call(navigator.credentials, {
        publicKey: { ...options.publicKey, authenticatorSelection: discouraged },
      }),
    );
    const unverified = await expectCode('E_PRF', vault.create(passkey));
    expect(unverified.message).toContain('did not verify');
    vi.restoreAllMocks();

    await authenticators.pop()?.remove();
    await plugIn();
    await vault.create(passkey);
    const unverify = (data: ArrayBuffer) => new Uint8Array(data).map((byte, i) => (i === 32 ? byte & ~4 : byte)).buffer;
    const { get: read } = Object.getOwnPropertyDescriptor(
      AuthenticatorAssertionResponse.prototype,
      'authenticatorData',
    ) as { get: () => ArrayBuffer };
    vi.spyOn(AuthenticatorAssertionResponse.prototype, 'authenticatorData', 'get').mockImplementation(function (
      this: AuthenticatorAssertionResponse,
    ) {
      return unverify(read.call(this));
    });
    expect((await expectCode('E_PRF', vault.unlock(passkey))).message).toContain('did not verify');
  });

  test('is E_PASSKEY when there is none, or one of another vault answers', async () => {
    await vault.create(recovery);
    await expectCode('E_PASSKEY', vault.unlock(passkey));
    await plugIn();
    await vault.addSlot(passkey, { by: recovery });
    const other = openVault({ name: `${name}-other` });
    const { id: otherId } = await other.create(passkey);
    other.close();
    await deleteDB(`${name}-other`);
    const id = fromBase64url(otherId.slice('passkey/'.length)) as BufferSource;
    const { get } = navigator.credentials;
    vi.spyOn(navigator.credentials, 'get').mockImplementation((options: any) => {
      const allowCredentials = [{ type: 'public-key', id }];
      return get.call(navigator.credentials, { publicKey: { ...options.publicKey, allowCredentials } });
    });
    await expectCode('E_PASSKEY', vault.unlock(passkey));
    // and when the database says that it is one of this vault
    const database = await openDB(name);
    const [row] = (await database.getAll('slots')).filter(({ kind }) => kind === 'passkey');
    await database.put('slots', { ...row, credential: { ...row.credential, id } });
    database.close();
    await expectCode('E_PASSKEY', vault.unlock(passkey));
  });

  test('wipes what the authenticator has derived, and writes it nowhere', async () => {
    await plugIn();
    const values: Uint8Array[] = [];
    const copies: string[] = [];
    const { getClientExtensionResults } = PublicKeyCredential.prototype;
    vi.spyOn(PublicKeyCredential.prototype, 'getClientExtensionResults').mockImplementation(function (
      this: PublicKeyCredential,
    ) {
      const results = getClientExtensionResults.call(this);
      const value = new Uint8Array(results.prf?.results?.first as ArrayBuffer);
      values.push(value);
      copies.push(toHex(value));
      return results;
    });
    await vault.create(passkey);
    await vault.unlock(passkey);
    expect(copies).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), copies[0]]);
    expect(values.map(toHex)).toEqual(['00'.repeat(32), '00'.repeat(32)]);
    const database = await openDB(name);
    const stored = JSON.stringify(await database.getAll('slots'), (_, value) =>
      value instanceof Uint8Array ? toHex(value) : value,
    );
    database.close();
    expect(stored).toContain('"kind":"passkey"');
    expect(stored).not.toContain(copies[0]);
  });

  test('is E_CONFIG for a domain that is not of the page, and E_UNSUPPORTED without WebAuthn', async () => {
    await plugIn();
    await expectCode('E_CONFIG', vault.create(passkeySlot({ rpId: 'elsewhere.example' })));
    vi.stubGlobal('PublicKeyCredential', undefined);
    await expectCode('E_UNSUPPORTED', vault.create(passkey));
    vi.unstubAllGlobals();
    vi.spyOn(navigator.credentials, 'create').mockRejectedValueOnce(new DOMException('x', 'NotSupportedError'));
    await expectCode('E_UNSUPPORTED', vault.create(passkey));
    await vault.create(passkeySlot({ rpId: location.hostname }));
  });
});
