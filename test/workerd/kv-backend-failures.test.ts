import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { KeptRecord, LookupField, PutOutcome, StoredRecord } from '../../src/core/record-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { recordingKv } from './recording-kv.ts';

const backend = kvBackend(env.KV);
const value = () => crypto.getRandomValues(new Uint8Array(16));
const kept = (record: StoredRecord): KeptRecord => ({ ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } });

function sample(changes: Partial<StoredRecord> = {}): StoredRecord {
  const partition = `${crypto.randomUUID()}/tokens`;
  const record = { partition, id: 'one', revision: 1, identity: value(), lookups: {}, keyId: 'aaaaaaaa' };
  return { ...record, indexKeyId: 'bbbbbbbb', expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}

/** Every value by which either record can be looked for finds what is stored, if that has it, and nothing else. */
async function expectFound(stored: StoredRecord | undefined, ...candidates: readonly StoredRecord[]): Promise<void> {
  const { partition } = candidates[0]!;
  expect(await backend.get(partition, 'one')).toEqual(stored && kept(stored));
  for (const candidate of candidates) {
    for (const [field, sought] of Object.entries({ ...candidate.lookups, identity: candidate.identity })) {
      const held = field === 'identity' ? stored?.identity : stored?.lookups[field as LookupField];
      const expected = stored && held && `${held}` === `${sought}` ? [kept(stored)] : [];
      expect(await backend.find(partition, field as LookupField, [sought])).toEqual(expected);
    }
  }
}

// One write fails and the worker goes on, or it dies and all later ones are missing too.
const failures = [
  ['fails', (n: number) => (before: number) => (before === n ? 'KV PUT failed: 500' : undefined)],
  ['and all after it fail', (n: number) => (before: number) => (before >= n ? 'KV PUT failed: 500' : undefined)],
] as const;

describe.each(failures)('when one write to KV %s', (_name, failAt) => {
  const userName = value();
  const before = { userName, accessToken: value(), refreshToken: value() };
  const after = { userName, accessToken: value(), grantToken: value() };

  test.each([0, 4_102_444_800_000])(
    'an update leaves the old record or the new one, findable (expiry %d)',
    async (expiresAt) => {
      for (let n = 0; ; n++) {
        const old = sample({ lookups: before, expiresAt });
        await backend.put(old, {});
        const next = { ...old, revision: 2, identity: value(), lookups: after, sealed: value() };
        const kv = recordingKv(env.KV, failAt(n));
        const outcome = await kvBackend(kv)
          .put(next, { revision: 1 })
          .catch((error: TokenkeepError) => error.code);
        expect(['stored', 'E_STORAGE']).toContain(outcome);
        // A failure means that nothing was changed, success that everything was.
        await expectFound(outcome === 'stored' ? next : old, old, next);
        if (outcome === 'E_STORAGE') expect(await backend.put(next, { revision: 1 })).toBe('stored');
        await expectFound(next, old, next);
        if (kv.writes.length <= n) return;
      }
    },
  );

  test('a new record is there with all its lookups, or not at all', async () => {
    for (let n = 0; ; n++) {
      const record = sample({ lookups: before });
      const kv = recordingKv(env.KV, failAt(n));
      const outcome = await kvBackend(kv)
        .put(record, {})
        .catch((error: TokenkeepError) => error.code);
      expect(['stored', 'E_STORAGE']).toContain(outcome);
      await expectFound(outcome === 'stored' ? record : undefined, record);
      if (outcome === 'E_STORAGE') expect(await backend.put(record, {})).toBe('stored' satisfies PutOutcome);
      if (kv.writes.length <= n) return;
    }
  });

  test('a deletion leaves the record findable, or nothing of it', async () => {
    for (let n = 0; ; n++) {
      const record = sample({ lookups: before });
      await backend.put(record, {});
      const kv = recordingKv(env.KV, failAt(n));
      const outcome = await kvBackend(kv)
        .delete(record.partition, 'one')
        .catch((error: TokenkeepError) => error.code);
      expect([kept(record), 'E_STORAGE']).toContainEqual(outcome);
      await expectFound(outcome === 'E_STORAGE' ? record : undefined, record);
      if (kv.writes.length <= n) return;
    }
  });

  test('clearing can be repeated until it succeeds', async () => {
    for (let n = 0; ; n++) {
      const record = sample({ lookups: before });
      const prefix = `tokenkeep/l/${record.partition}/`;
      await backend.put(record, {});
      const kv = recordingKv(env.KV, failAt(n));
      const outcome = await kvBackend(kv)
        .clear(record.partition)
        .catch((error: TokenkeepError) => error.code);
      expect([undefined, 'E_STORAGE']).toContain(outcome);
      await backend.clear(record.partition);
      await expectFound(undefined, record);
      expect((await env.KV.list({ prefix })).keys).toEqual([]);
      if (kv.writes.length <= n) return;
    }
  });
});

describe('an error of KV', () => {
  const sentinel = 'sentinel-that-must-not-reach-a-log-81b0';
  const failureOf = async (message: string): Promise<TokenkeepError> => {
    const failing = kvBackend(recordingKv(env.KV, () => message));
    return failing.put(sample(), {}).then(
      () => Promise.reject(new Error('the write succeeded')),
      (error: TokenkeepError) => error,
    );
  };

  test.each([
    ['KV PUT failed: 500 Internal Server Error', 'E_STORAGE'],
    ['KV PUT failed: 429 Too Many Requests', 'E_STORAGE'],
    ['KV PUT failed: 413 Payload Too Large', 'E_QUOTA'],
    ['KV put() limit exceeded for the day.', 'E_QUOTA'],
  ])('"%s" becomes %s, and its text is dropped', async (message, code) => {
    const error = await failureOf(`${message} ${sentinel}`);
    expect(error).toBeInstanceOf(TokenkeepError);
    expect(error.code).toBe(code);
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(sentinel);
    expect(error.cause).toBeUndefined();
  });

  test('about too many writes of one key says to wait', async () => {
    expect((await failureOf('KV PUT failed: 429 Too Many Requests')).message).toContain('wait a second');
  });
});

test('a binding that is not there is named at once', () => {
  for (const binding of [undefined, null]) {
    expect(() => kvBackend(binding as never)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  }
});
