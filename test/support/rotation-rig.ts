import { expect } from 'vitest';
import type { Keyring } from '../../src/core/keyring.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { changeKeyring } from '../../src/crypto/change-keyring.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { SessionStore } from '../../src/hono/session-store.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { type RotationOptions, rotateKeys } from '../../src/store/rotate-keys.ts';
import type { RotationProgress } from '../../src/store/rotation-progress.ts';

/** A keyring on its way from one key to another: the settings that are deployed one after the other. */
export interface RotationKeys {
  readonly old: string;
  readonly young: string;
  /** With the old key alone. */
  readonly before: Keyring;
  /** With the new key pending. */
  readonly pending: Keyring;
  /** With the new key in use, and the old one enabled. */
  readonly promoted: Keyring;
  /** With the new key alone. */
  readonly after: Keyring;
}

export async function rotationKeys(use?: 'seal' | 'index'): Promise<RotationKeys> {
  const settings = [await generateKeyring()];
  const idsOf = async (setting: string) => (await importKeyring(setting)).info().map(({ keyId }) => keyId);
  const [old = ''] = await idsOf(settings[0] as string);
  settings.push(await changeKeyring(settings[0] as string, { kind: 'add' }));
  const young = (await idsOf(settings[1] as string)).find((id) => id !== old) ?? '';
  const change = { kind: 'promote', keyId: young } as const;
  settings.push(await changeKeyring(settings[1] as string, use === undefined ? change : { ...change, use }));
  const whole = await changeKeyring(settings[1] as string, change);
  const disabled = await changeKeyring(whole, { kind: 'disable', keyId: old });
  settings.push(await changeKeyring(disabled, { kind: 'remove', keyId: old }));
  const [before, pending, promoted, after] = await Promise.all(settings.map(importKeyring));
  return { old, young, before, pending, promoted, after } as RotationKeys;
}

export const partition = 'default/tokens';

/** What is in a database: two users, one of them in another tenant, too, a session and a state of a sign-in under way. */
export const users = ['ann', 'bob', 'cid'] as const;
const client = { issuer: 'https://login.example', clientId: 'app' };
const now = () => 1_800_000_000_000;
const hour = 3_600_000;

export const tokenOf = (userName: string) => ({
  ...client,
  userName,
  accessToken: `access-token-of-${userName}`,
  refreshToken: `refresh-token-of-${userName}`,
  scope: 'read',
});

export const sessionsOf = (backend: RecordBackend, keyring: Keyring) =>
  new SessionStore({ backend, keyring, tenant: 'acme', idleMs: hour, sessionMs: 24 * hour, now });
export const statesOf = (backend: RecordBackend, keyring: Keyring) =>
  new OneTimeStore({ backend, keyring, collection: 'login', now });

/** Fills a database. Resolves with the id of the session. */
export async function fill(backend: RecordBackend, keyring: Keyring): Promise<string> {
  const store = new EncryptedTokenStore({ backend, keyring });
  for (const user of users) await store.saveToken(tokenOf(user));
  await new EncryptedTokenStore({ backend, keyring, tenant: 'other/tenant' }).saveToken(tokenOf('ann'));
  await statesOf(backend, keyring).add('state', { verifier: 'v' }, now() + hour);
  return (await sessionsOf(backend, keyring).start({ tokenId: 'token', ...client })).id;
}

/** How many records {@link fill} makes. */
export const filled = users.length + 3;

/** Expects everything that {@link fill} has made to be there, and to be found by each of its fields. Seals nothing anew. */
export async function expectAll(backend: RecordBackend, keyring: Keyring, sessionId: string): Promise<void> {
  for (const [tenant, names] of [
    ['default', users],
    ['other/tenant', ['ann']],
  ] as const) {
    const store = new EncryptedTokenStore({ backend, keyring, tenant });
    for (const user of names) {
      const expected = tokenOf(user);
      const { userName, issuer, clientId, accessToken, refreshToken } = expected;
      const queries = [{ userName }, { userName, issuer, clientId }, { accessToken }, { refreshToken }];
      for (const query of queries) expect(await store.findTokens(query)).toMatchObject([expected]);
    }
    expect((await store.getTokens()).map(({ userName }) => userName).sort()).toEqual(names);
  }
  const sessions = sessionsOf(backend, keyring);
  expect(await sessions.read(sessionId)).toMatchObject({ tokenId: 'token', ...client });
  expect((await sessions.ofToken('token')).map(({ id }) => id)).toEqual([sessionId]);
  expect(await statesOf(backend, keyring).add('state', 'another', now() + hour)).toBe(false);
}

/** Runs a rotation to its end. Resolves with the last it has said. */
export async function rotate(options: RotationOptions): Promise<RotationProgress> {
  let last: RotationProgress | undefined;
  for await (const progress of rotateKeys(options)) last = progress;
  return last as RotationProgress;
}

/** Every record, as the backend has it. */
export async function dump(backend: RecordBackend): Promise<readonly KeptRecord[]> {
  return (await backend.scan(1000)).records;
}

/** Writes a row as somebody would who owns the database: whatever it says, whatever was there. */
export async function overwrite(
  backend: RecordBackend,
  record: KeptRecord,
  change: Partial<KeptRecord>,
): Promise<KeptRecord> {
  await backend.delete(record.partition, record.id);
  const altered = { ...record, ...change };
  expect(await backend.put(altered, {})).toBe('stored');
  return (await backend.get(altered.partition, altered.id)) as KeptRecord;
}

export const rowOf = async (backend: RecordBackend, { id }: SavedToken): Promise<KeptRecord> =>
  (await backend.get(partition, id)) as KeptRecord;

/** A backend that calls back before or after each operation; what the call throws, the operation rejects with. */
export function watched(
  backend: RecordBackend,
  when: 'before' | 'after',
  watch: (operation: string, args: readonly unknown[]) => Promise<void>,
): RecordBackend {
  const operations = Object.entries(backend).filter((entry) => typeof entry[1] === 'function');
  const watchedOperations = operations.map(([name, operation]) => [
    name,
    async (...args: readonly unknown[]) => {
      if (when === 'before') await watch(name, args);
      const outcome: unknown = await operation.call(backend, ...args);
      if (when === 'after') await watch(name, args);
      return outcome;
    },
  ]);
  return { ...backend, ...Object.fromEntries(watchedOperations) } as RecordBackend;
}
