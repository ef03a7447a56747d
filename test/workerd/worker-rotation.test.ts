import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { changeKeyring } from '../../src/crypto/change-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import type { EdgeOptions } from '../../src/hono/edge-options.ts';
import { maintain } from '../../src/hono/maintain.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { tokenOf, watched } from '../support/rotation-rig.ts';
import { setUpEdge } from './edge-setup.ts';

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM tokenkeep_record').run();
  for (const { name } of (await env.KV.list()).keys) await env.KV.delete(name);
});

/** An edge with tokens, sessions and keys that were changed after them. */
async function setUp(tokens: number, change: Partial<EdgeOptions> & { readonly kept?: 'KV' } = {}) {
  const edge = await setUpEdge(change);
  await edge.signedIn();
  for (let n = 1; n < tokens; n++) await edge.store.saveToken(tokenOf(`user-${n}`));
  const added = await changeKeyring(edge.options.keyring as string, { kind: 'add' });
  const { index, keys } = JSON.parse(added) as { index: string; keys: { kid: string }[] };
  const [old, young] = [index, keys[1]?.kid as string];
  const promoted = await changeKeyring(added, { kind: 'promote', keyId: young });
  const use = async () =>
    Object.fromEntries((await edge.options.backend.keyUse()).map(({ keyId, records }) => [keyId, records]));
  const run = (keyring: string, how = {}, options: Partial<EdgeOptions> = {}) =>
    maintain({ ...edge.options, ...options, keyring }, how);
  return { edge, old, young, added, promoted, use, run };
}

/** With the session and the sign-in that was completed. */
const others = 2;

describe('a scheduled run, while there are two keys,', () => {
  test('seals so many records anew, sessions and tokens alike, and says when there are more', async () => {
    const { edge, old, young, promoted, use, run } = await setUp(5);
    expect(await run(promoted, { limit: 3 })).toMatchObject({ resealed: 3, more: true });
    expect(await use()).toEqual({ [old]: 5 + others - 3, [young]: 3 });
    expect(await run(promoted, { limit: 3 })).toMatchObject({ resealed: 3, more: true });
    expect(await run(promoted, { limit: 3 })).toMatchObject({ resealed: 1, more: false });
    expect(await run(promoted, { limit: 3 })).toMatchObject({ resealed: 0, more: false });
    expect(await use()).toEqual({ [young]: 5 + others });
    const disabled = await changeKeyring(promoted, { kind: 'disable', keyId: old });
    const keyring = await importKeyring(await changeKeyring(disabled, { kind: 'remove', keyId: old }));
    const store = new EncryptedTokenStore({ ...edge.options, keyring, tenant: edge.options.tenant as string });
    expect(await store.getTokens()).toHaveLength(5);
  });

  test('does nothing of it with one key, or with one that is pending', async () => {
    const { edge, old, added, use, run } = await setUp(2);
    const scans: string[] = [];
    const backend = watched(edge.options.backend, 'before', async (operation) => void scans.push(operation));
    expect(await run(edge.options.keyring as string, {}, { backend })).toMatchObject({ resealed: 0, more: false });
    expect(scans).not.toContain('scan');
    expect(await run(added)).toMatchObject({ resealed: 0, more: false });
    expect(await use()).toEqual({ [old]: 2 + others });
  });

  test('does nothing of it when its time is over', async () => {
    const { edge, old, promoted, use, run } = await setUp(2);
    let time = Date.now();
    const now = () => (time += 1000);
    expect(await run(promoted, { budgetMs: 0 })).toMatchObject({ resealed: 0, more: true });
    expect(await run(promoted, { limit: 1, budgetMs: 1 }, { ...edge.options, now })).toMatchObject({
      resealed: 0,
      more: true,
    });
    expect(await use()).toEqual({ [old]: 2 + others });
  });

  test('reaches records behind those that do not open', async () => {
    const { edge, young, promoted, use, run } = await setUp(4);
    const { tenant } = edge.options;
    await env.DB.prepare('UPDATE tokenkeep_record SET sealed = zeroblob(100) WHERE partition <> ?')
      .bind(`${tenant}/tokens`)
      .run();
    expect(await run(promoted, { limit: 2 })).toMatchObject({ resealed: 2 });
    expect(await run(promoted, { limit: 2 })).toMatchObject({ resealed: 2 });
    expect(await run(promoted, { limit: 2 })).toMatchObject({ resealed: 0, more: false });
    expect((await use())[young]).toBe(4);
  });

  test('that overlaps with another one loses nothing and does nothing twice', async () => {
    const { edge, young, promoted, use, run } = await setUp(10);
    const reports = await Promise.all([1, 2, 3].map(() => run(promoted)));
    expect(reports.reduce((sum, { resealed }) => sum + resealed, 0)).toBe(10 + others);
    expect(await use()).toEqual({ [young]: 10 + others });
    expect(await edge.options.backend.page(`${edge.options.tenant}/tokens`, 100)).toMatchObject({
      records: Array.from({ length: 10 }, () => ({ revision: 2 })),
    });
  });

  test('renews a token that it has just sealed anew', async () => {
    const { edge, promoted, run } = await setUp(1, { keepFresh: true });
    edge.wait(57 * 60_000);
    expect(await run(promoted)).toMatchObject({ deleted: 1, resealed: 2, renewed: 1, failed: 0 });
    expect(edge.server.reuses).toBe(0);
  });

  test.each([
    ['nobody', undefined, 0],
    ['a reader', 'reader', 0],
    ['the refresher', 'refresher', 1 + others],
  ] as const)('in KV is %s’s to seal anew', async (_, role, resealed) => {
    const { promoted, run } = await setUp(1, { kept: 'KV' });
    const backend: RecordBackend = kvBackend(env.KV);
    const options = { backend, ...(role === undefined ? {} : { role }) };
    expect((await run(promoted, {}, options)).resealed).toBe(resealed);
  });
});
