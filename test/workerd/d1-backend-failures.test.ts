import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { type D1Like, type D1StatementLike, d1Backend } from '../../src/backends/d1-backend.ts';
import type { StoredRecord } from '../../src/core/record-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';

const backend = d1Backend(env.DB);
const partition = 'default/tokens';
const sentinel = 'sentinel-that-must-not-reach-a-log-4d1c';
const value = () => crypto.getRandomValues(new Uint8Array(16));

function sample(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  const record = { partition, id, revision: 1, identity: value(), lookups: { userName: value() }, keyId: 'aaaaaaaa' };
  return { ...record, indexKeyId: 'bbbbbbbb', expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}

/** Fails in the middle of a statement, after the row was written. */
async function withTrigger<T>(message: string, run: () => Promise<T>): Promise<T> {
  const raise = `BEGIN SELECT RAISE(ABORT, '${message}'); END`;
  await env.DB.prepare(`CREATE TRIGGER fail_update AFTER UPDATE ON tokenkeep_record ${raise}`).run();
  await env.DB.prepare(`CREATE TRIGGER fail_insert AFTER INSERT ON tokenkeep_record ${raise}`).run();
  await env.DB.prepare(`CREATE TRIGGER fail_delete AFTER DELETE ON tokenkeep_record ${raise}`).run();
  try {
    return await run();
  } finally {
    for (const name of ['fail_update', 'fail_insert', 'fail_delete'])
      await env.DB.prepare(`DROP TRIGGER ${name}`).run();
  }
}

async function failureOf(operation: Promise<unknown>): Promise<TokenkeepError> {
  const error: unknown = await operation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenkeepError)) throw new Error(`expected a TokenkeepError, got ${String(error)}`);
  return error;
}

describe('a D1 statement that fails in the middle', () => {
  test('leaves the previous row, and says nothing of what the database said', async () => {
    const before = sample('one');
    await backend.put(before, {});
    const failures = await withTrigger(sentinel, () =>
      Promise.all([
        failureOf(backend.put(sample('one', { revision: 2 }), { revision: 1 })),
        failureOf(backend.put(sample('two'), {})),
        failureOf(backend.claim(partition, 'one', { revision: 1, owner: 'a', ttlMs: 1000 })),
        failureOf(backend.delete(partition, 'one')),
        failureOf(backend.clear(partition)),
      ]),
    );
    for (const error of failures) {
      expect(error.code).toBe('E_STORAGE');
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(sentinel);
      expect(error.message).not.toMatch(/SQL|D1_|tokenkeep_record/);
      expect(error.cause).toBeUndefined();
    }
    expect((await backend.page(partition, 10)).records).toEqual([
      { ...before, claim: { owner: '', heldMs: 0, coolingMs: 0 } },
    ]);
    await backend.clear(partition);
  });

  test.each(['database or disk is full', 'Exceeded maximum DB size', 'string or blob too big'])(
    'because of "%s" is E_QUOTA',
    async (message) => {
      const before = sample('one');
      await backend.put(before, {});
      const update = sample('one', { revision: 2 });
      const error = await withTrigger(message, () => failureOf(backend.put(update, { revision: 1 })));
      expect(error.code).toBe('E_QUOTA');
      expect(await backend.get(partition, 'one')).toEqual({ ...before, claim: { owner: '', heldMs: 0, coolingMs: 0 } });
      await backend.clear(partition);
    },
  );
});

describe('the D1 backend', () => {
  test('says that the migrations are missing when they are', async () => {
    await env.DB.prepare('ALTER TABLE tokenkeep_record RENAME TO elsewhere').run();
    try {
      const error = await backend.get(partition, 'one').catch((refusal: unknown) => refusal as TokenkeepError);
      expect(error).toMatchObject({ code: 'E_STORAGE', message: expect.stringContaining('apply its migrations') });
    } finally {
      await env.DB.prepare('ALTER TABLE elsewhere RENAME TO tokenkeep_record').run();
    }
  });

  test('does not take a failed check for a conflict', async () => {
    await backend.put(sample('one'), {});
    expect((await failureOf(backend.put(sample('two', { revision: 0 }), {}))).code).toBe('E_STORAGE');
    expect((await failureOf(backend.put(sample('one', { revision: 0 }), { revision: 1 }))).code).toBe('E_STORAGE');
    await backend.clear(partition);
  });

  test('does not repeat a write whose acknowledgement was lost', async () => {
    let runs = 0;
    const lossy = (statement: D1StatementLike): D1StatementLike => ({
      bind: (...values) => lossy(statement.bind(...values)),
      all: async () => {
        runs++;
        await statement.all();
        throw new Error(`D1_ERROR: Network connection lost. ${sentinel}`);
      },
    });
    const flaky: D1Like = {
      prepare: (sql) => lossy(env.DB.prepare(sql)),
      batch: async () => expect.unreachable(),
    };
    const record = sample('one');
    const error = await failureOf(d1Backend(flaky).put(record, {}));
    expect(error.code).toBe('E_STORAGE');
    expect(error.message).not.toContain(sentinel);
    expect(runs).toBe(1);
    expect(await backend.get(partition, 'one')).toEqual({ ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } });
    await backend.clear(partition);
  });

  test('lists and finds the other records when one was altered into something else', async () => {
    await backend.put(sample('altered'), {});
    const other = sample('other');
    await backend.put(other, {});
    await env.DB.prepare(
      "UPDATE tokenkeep_record SET sealed = x'', identity = x'00', key_id = '' WHERE id = 'altered'",
    ).run();
    const { records } = await backend.page(partition, 10);
    expect(records.map(({ id, sealed }) => [id, sealed.length])).toEqual([
      ['altered', 0],
      ['other', 16],
    ]);
    expect(await backend.find(partition, 'identity', [other.identity])).toHaveLength(1);
    await backend.clear(partition);
  });
});

test('a binding that is not there is named at once', () => {
  for (const binding of [undefined, null]) {
    expect(() => d1Backend(binding as never)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  }
});
