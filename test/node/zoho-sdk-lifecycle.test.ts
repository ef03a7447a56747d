import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { d1InNode } from '../support/d1-in-node.ts';
import { findTraces } from '../support/find-traces.ts';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';
import { sdkRig } from '../support/zoho-sdk/sdk-rig.ts';

const hour = 3_600_000;

/** A backend, and the bytes that it keeps of a tenant. */
interface Kept {
  readonly backend: RecordBackend;
  bytes(partition: string): Promise<Uint8Array>;
}

const places: { readonly [name: string]: () => Promise<Kept> } = {
  memory: async () => {
    const backend = memoryBackend();
    return { backend, bytes: async (partition) => serialize(await backend.page(partition, 100)) };
  },
  SQLite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-zoho-sdk-'));
    const backend = sqliteBackend(join(folder, 'tokens.db'));
    onTestFinished(async () => {
      await backend.close();
      rmSync(folder, { recursive: true });
    });
    const files = () => readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    return { backend, bytes: async () => Buffer.concat(files()) };
  },
  D1: async () => {
    const { db, dispose } = await d1InNode();
    onTestFinished(dispose);
    const all = async () => (await db.prepare('SELECT * FROM tokenkeep_record').all()).results;
    // D1 gives bytes as numbers
    const bytes = (value: unknown) => (Array.isArray(value) ? Buffer.from(value) : Buffer.from(String(value)));
    const backend = d1Backend(db as never);
    return { backend, bytes: async () => Buffer.concat((await all()).flatMap((row) => Object.values(row).map(bytes))) };
  },
};

describe.each(Object.entries(places))('The unmodified SDK over %s', (_, open) => {
  test('signs in, calls, renews, starts anew, switches users and removes them', async () => {
    const { backend, bytes } = await open();
    const rig = await sdkRig({ backend });
    const { zoho, store, initialize, switchUser, call, restart } = rig;
    /** What the store was asked, and what was sent, since the last look. */
    const seen = () => [rig.calls.splice(0), rig.sent()];

    // a grant
    const grant = zoho.grant('ann');
    const ann = await initialize({ grant });
    expect(seen()).toEqual([
      ['findToken → null', 'saveToken'],
      ['code', '/crm/v8/users', '/crm/v8/org'],
    ]);
    const [saved, ...others] = await store.getTokens();
    expect(others).toEqual([]);
    expect(saved).toMatchObject({
      id: ann.getId(),
      userName: 'ann@example.com:60001',
      issuer: zoho.dataCenter.accounts,
      apiDomain: zoho.dataCenter.api,
      expiresAt: Date.now() + hour,
      grantToken: grant,
    });

    // calls
    expect([await call(), await call()]).toEqual([200, 200]);
    expect(seen()).toEqual([
      ['findTokenById', 'findTokenById'],
      ['/crm/v8/org', '/crm/v8/org'],
    ]);

    // the expiry, and the renewal
    rig.pass(hour);
    expect([await call(), await call()]).toEqual([200, 200]);
    expect(seen()).toEqual([
      ['findTokenById', 'saveToken', 'findTokenById'],
      ['refresh', '/crm/v8/org', '/crm/v8/org'],
    ]);
    expect(await store.findTokenById(saved!.id)).toMatchObject({
      ...saved,
      revision: 2,
      accessToken: zoho.tokens.accessTokens('ann@example.com').at(-1),
      expiresAt: Date.now() + hour,
    });

    // another process: with the grant that is long spent, then with the id only
    for (const start of [{ grant }, { user: 'ann@example.com:60001' }, { id: saved!.id }]) {
      restart();
      await initialize(start);
      expect(await call()).toBe(200);
      const first = 'id' in start ? 'findTokenById' : 'findToken → token';
      expect(seen()).toEqual([[first, 'findTokenById'], ['/crm/v8/org']]);
    }

    // an id that nobody has
    restart();
    expect(await sdkFailure(initialize({ id: 'nobody' }), zoho.tokens.secrets)).toMatch(/^E_REAUTH: /);
    expect(seen()).toEqual([['findTokenById ✗'], []]);

    // two calls after the expiry: the SDK renews twice
    restart();
    await initialize({ id: saved!.id });
    rig.pass(hour);
    rig.calls.length = 0;
    expect(await Promise.all([call(), call()])).toEqual([200, 200]);
    const [asked, sent] = seen();
    expect(asked?.toSorted()).toEqual(['findTokenById', 'findTokenById', 'saveToken', 'saveToken']);
    expect(sent?.filter((what) => what === 'refresh')).toHaveLength(2);
    expect(await call()).toBe(200);
    seen();

    // another user
    const bob = await switchUser({ grant: zoho.grant('bob') });
    expect(await call()).toBe(200);
    expect(zoho.requests.at(-1)?.user).toBe('bob@example.com');
    expect(seen()[0]).toEqual(['findToken → null', 'saveToken', 'findTokenById']);
    expect((await store.getTokens()).map(({ userName }) => userName).sort()).toEqual([
      'ann@example.com:60001',
      'bob@example.com:60001',
    ]);

    // no secret at rest, and none in the SDK's log
    const { clientSecret } = zoho.client;
    const names = ['ann@example.com', 'bob@example.com', zoho.client.clientId];
    const secrets = [...zoho.tokens.secrets, clientSecret as string, ...names];
    const stored = await bytes(`${rig.tenant}/tokens`);
    expect(findTraces(stored, [saved!.id])).not.toEqual([]);
    expect(findTraces(stored, secrets)).toEqual([]);
    await vi.waitFor(() => expect(rig.log()).toContain('/crm/v8/org'));
    expect(findTraces(Buffer.from(rig.log()), secrets)).toEqual([]);

    // both go
    seen();
    expect([await ann.remove(), await bob.remove()]).toEqual([true, true]);
    expect(await sdkFailure(call())).toMatch(/^E_REAUTH: /);
    expect(seen()).toEqual([['deleteToken', 'deleteToken', 'findTokenById ✗'], []]);
    expect(await store.getTokens()).toEqual([]);
  });
});
