import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listBackend } from '../../src/backends/list-backend.ts';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { KeptRecord, RecordBackend, StoredRecord } from '../../src/core/record-backend.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();

/** A call of every backend, or something that happens to the file alone. */
type Step = readonly [method: keyof RecordBackend, ...args: unknown[]] | readonly ['reopen' | 'switch' | 'write anew'];

const id = fc.constantFrom('a', 'b', 'ä', '');
const partition = fc.constantFrom('p', 'p-2');
const value = fc.integer({ min: 0, max: 3 }).map((n) => new Uint8Array(16).fill(n));
const values = fc.array(value, { maxLength: 2 });
const field = fc.constantFrom('userName', 'accessToken', 'refreshToken', 'grantToken');
const owner = fc.constantFrom('x', 'y');
const revision = fc.integer({ min: 1, max: 3 });
const instant = fc.constantFrom(0, 1000, 2000);
const keyId = fc.constantFrom('00000000', '11111111');
const duration = fc.constantFrom(0, 5, 50);
const all = fc.constant(100);

const record: fc.Arbitrary<StoredRecord> = fc.record({
  partition,
  id,
  revision,
  identity: value,
  lookups: fc.dictionary(field, value, { maxKeys: 3 }),
  keyId,
  indexKeyId: keyId,
  expiresAt: instant,
  dueAt: instant,
  sealed: fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.slice()),
});
const condition = fc.record({ revision, claimOwner: owner, renewed: fc.boolean() }, { requiredKeys: [] });
const release = fc.record({ owner, coolingMs: duration, inDoubt: fc.boolean() }, { requiredKeys: ['owner'] });

const cursor = fc.tuple(partition, id).map((name) => JSON.stringify(name));
const except = fc.record({ keyId, indexKeyId: keyId });

const call = <T extends readonly unknown[]>(
  method: keyof RecordBackend,
  ...args: { [I in keyof T]: fc.Arbitrary<T[I]> }
): fc.Arbitrary<Step> => fc.tuple(fc.constant(method), ...args) as unknown as fc.Arbitrary<Step>;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: call('put', record, condition) },
    { weight: 4, arbitrary: call('put', record, fc.constant({})) },
    {
      weight: 4,
      arbitrary: call(
        'putEach',
        fc.uniqueArray(fc.record({ record, condition: fc.oneof(condition, fc.constant({})) }), {
          maxLength: 4,
          selector: ({ record: { partition, id } }) => `${partition} ${id}`,
        }),
      ),
    },
    { weight: 4, arbitrary: call('claim', partition, id, fc.record({ revision, owner, ttlMs: duration })) },
    { weight: 2, arbitrary: call('release', partition, id, release) },
    { weight: 2, arbitrary: call('delete', partition, id) },
    call('get', partition, id),
    { weight: 2, arbitrary: call('find', partition, fc.oneof(field, fc.constant('identity')), values) },
    call('page', partition, fc.integer({ min: 1, max: 3 }), fc.option(id, { nil: undefined })),
    call('scan', fc.integer({ min: 1, max: 3 }), fc.record({ cursor, except }, { requiredKeys: [] })),
    call('clear', partition),
    call('keyUse', fc.option(partition, { nil: undefined })),
    call('due', partition, instant, all),
    call('deleteExpired', instant, all),
    fc.constantFrom<Step>(['reopen'], ['switch'], ['write anew']),
  ),
  { minLength: 5, maxLength: 40 },
);

/** What was found, in an order that does not depend on the backend where the port promises none. */
function inOrder(method: string, result: unknown): unknown {
  const byId = (left: KeptRecord, right: KeptRecord): number => (left.id < right.id ? -1 : 1);
  return method === 'find' || method === 'due' ? [...(result as KeptRecord[])].sort(byId) : result;
}

test('whatever is done, a file that is reopened, shared and written anew, a list and memory hold and say the same', async () => {
  const property = fc.asyncProperty(steps, async (plan) => {
    let time = 10_000;
    const now = (): number => time;
    const path = join(folder, crypto.randomUUID());
    const open = () => fileBackend(path, { now });
    const files = [open(), open()];
    const memory = memoryBackend({ now });
    const list = listBackend([], { now });
    const both: Step[] = [
      ['page', 'p', 100],
      ['page', 'p-2', 100],
    ];
    for (const [method, ...args] of [...plan, ...both]) {
      time += 10;
      const [file] = files as [(typeof files)[0], ...typeof files];
      if (method === 'switch') files.reverse();
      else if (method === 'reopen') {
        await file.close();
        files[0] = open();
      } else if (method === 'write anew') {
        const scratch = { id: 'a', identity: new Uint8Array(16), keyId: '', indexKeyId: '', sealed: new Uint8Array() };
        const numbers = { revision: 1, expiresAt: 0, dueAt: 0 };
        await file.put({ ...scratch, ...numbers, partition: 'scratch', lookups: {} }, {});
        await file.clear('scratch');
      } else {
        const run = async (backend: RecordBackend): Promise<unknown> =>
          inOrder(method, await (backend[method] as (...args: readonly unknown[]) => unknown)(...args));
        const expected = await run(memory);
        expect(await run(file), `the file, ${method}`).toEqual(expected);
        expect(await run(list), `the list, ${method}`).toEqual(expected);
      }
    }
    await Promise.all(files.map((file) => file.close()));
  });
  await fc.assert(property, { numRuns: 300 });
});
