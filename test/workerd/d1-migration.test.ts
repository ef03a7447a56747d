import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';

const partition = 'default/tokens';
const hour = 3_600_000;

async function migrate(migration: (typeof env.TEST_MIGRATIONS)[number] | undefined): Promise<void> {
  await env.DB.batch((migration?.queries ?? []).map((query) => env.DB.prepare(query)));
}

/** What the claim columns said under the first migration. */
interface OldClaim {
  readonly owner?: string;
  readonly until?: number;
  readonly attempted?: number;
  readonly previous?: number;
  readonly retryAt?: number;
}

/** A row of revision 5 as it was written under the first migration. */
async function insert(id: string, { owner = '', until = 0, attempted = 0, previous = 0, retryAt = 0 }: OldClaim = {}) {
  await env.DB.prepare(
    `INSERT INTO tokenkeep_record (partition, id, revision, identity, lookup_user_name, key_id, index_key_id, expires_at,
    sealed, claim_owner, claim_until, claim_revision, claim_previous, retry_at)
    VALUES (?1, ?2, 5, ?3, ?4, 'aaaaaaaa', 'bbbbbbbb', 0, ?5, ?6, ?7, ?8, ?9, ?10)`,
  )
    .bind(partition, id, bytes(), bytes(), bytes(), owner, until, attempted, previous, retryAt)
    .run();
}

const bytes = () => crypto.getRandomValues(new Uint8Array(16));
const backend = d1Backend(env.DB);
const claim = (id: string) => backend.claim(partition, id, { revision: 5, owner: 'next', ttlMs: 60_000 });

describe('a D1 database that was filled under the first migration', () => {
  beforeEach(async () => {
    await env.DB.prepare('DROP TABLE tokenkeep_record').run();
    await migrate(env.TEST_MIGRATIONS[0]);
  });

  test('keeps its records, none of which is due', async () => {
    await insert('one');
    const { results } = await env.DB.prepare(
      'SELECT hex(sealed) AS sealed, hex(identity) AS identity FROM tokenkeep_record',
    ).all<{ sealed: string; identity: string }>();
    await migrate(env.TEST_MIGRATIONS[1]);
    const { records } = await backend.page(partition, 10);
    const idle = { owner: '', heldMs: 0, coolingMs: 0 };
    expect(records).toMatchObject([{ id: 'one', revision: 5, dueAt: 0, expiresAt: 0, keyId: 'aaaaaaaa', claim: idle }]);
    const hex = (value: Uint8Array) =>
      [...value]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')
        .toUpperCase();
    expect(records.map(({ sealed, identity }) => ({ sealed: hex(sealed), identity: hex(identity) }))).toEqual(results);
    expect(await backend.due(partition, 4_102_444_800_000, 10)).toEqual([]);
  });

  test.each<[string, OldClaim, doubts: number]>([
    ['nobody ever claimed it', {}, 0],
    ['a release left in doubt', { attempted: 5 }, 1],
    ['its holder died', { owner: 'died', until: 1, attempted: 5 }, 1],
    ['two holders died', { owner: 'died', until: 1, attempted: 5, previous: 5 }, 2],
    ['somebody attempted for a revision that was written over', { owner: 'died', until: 1, attempted: 4 }, 0],
    [
      'its holder died after an attempt for an earlier revision',
      { owner: 'd', until: 1, attempted: 5, previous: 4 },
      1,
    ],
  ])('doubts a record that %s as it did before', async (_name, old, doubts) => {
    await insert('one', old);
    await migrate(env.TEST_MIGRATIONS[1]);
    expect(await claim('one')).toEqual({ granted: true, doubts });
  });

  test('keeps its claims and cool-downs, and lets them end as ever', async () => {
    const soon = Date.now() + hour;
    await insert('held', { owner: 'holder', until: soon, attempted: 5 });
    await insert('cooling', { retryAt: soon });
    await migrate(env.TEST_MIGRATIONS[1]);
    expect((await backend.get(partition, 'held'))?.claim).toMatchObject({ owner: 'holder', coolingMs: 0 });
    expect((await backend.get(partition, 'cooling'))?.claim).toMatchObject({ owner: '', heldMs: 0 });
    for (const id of ['held', 'cooling']) expect(await claim(id)).toEqual({ granted: false });
    await backend.release(partition, 'held', { owner: 'holder' });
    expect(await claim('held')).toEqual({ granted: true, doubts: 0 });
  });

  test('is said to lack a migration until it has the second one', async () => {
    const record = { partition, id: 'one', revision: 1, identity: bytes(), lookups: {}, keyId: 'a', indexKeyId: 'a' };
    const rejected = { code: 'E_STORAGE', message: expect.stringContaining('apply its migrations') };
    await expect(backend.put({ ...record, expiresAt: 0, dueAt: 0, sealed: bytes() }, {})).rejects.toMatchObject(
      rejected,
    );
    await expect(claim('one')).rejects.toMatchObject(rejected);
    await expect(backend.get(partition, 'one')).rejects.toMatchObject(rejected);
    await migrate(env.TEST_MIGRATIONS[1]);
    expect(await backend.get(partition, 'one')).toBeUndefined();
  });
});
