import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, expect, inject, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { ClosableRecordBackend } from '../../src/core/record-backend.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import { type BenchStore, sealedStore } from '../support/bench-store.ts';
import type { Figure } from '../support/figure.ts';
import { median } from '../support/median.ts';
import { type Contender, ratioOf, type Turns, takeTurns } from '../support/take-turns.ts';
import { userOf } from '../support/zoho-like-token.ts';
import { zohoDbStore, zohoFileStore } from '../support/zoho-peers.ts';

const sizes = [10, 1000, 10_000] as const;
const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-bench-'));
const server = inject('mariadb');
const connection = await createConnection(server);
const backends: ClosableRecordBackend[] = [];

afterAll(async () => {
  for (const backend of backends) await backend.close();
  await connection.end();
  rmSync(folder, { recursive: true, force: true });
});

type Name = 'file' | 'sqlite' | 'mysql' | 'FileStore' | 'DBStore';
type Stores = { readonly [N in Name]: BenchStore };

async function storesOf(size: number): Promise<Stores> {
  const keyring = await testKeyring();
  const sealed = (backend: ClosableRecordBackend): Promise<BenchStore> => {
    backends.push(backend);
    return sealedStore(backend, keyring, size);
  };
  return {
    file: await sealed(fileBackend(join(folder, `${size}.tokenkeep`))),
    sqlite: await sealed(sqliteBackend(join(folder, `${size}.db`))),
    mysql: await sealed(mysqlBackend({ ...server, table: `sealed_${size}` })),
    FileStore: zohoFileStore(join(folder, `${size}.txt`), size),
    DBStore: await zohoDbStore(connection, server, `plain_${size}`, size),
  };
}

let turn = 0;

/** What is timed of a store of this size: the same of each, at a place that changes with every call. */
const operations: { readonly [name: string]: (store: BenchStore, size: number) => Contender } = {
  'find by user': (store, size) => ({ run: () => store.findByUser(userOf(place(size))) }),
  'find by id': (store, size) => ({ run: () => store.findById(store.idOf(place(size))) }),
  update: (store, size) => ({ run: () => store.update(userOf(place(size)), `1000.${turn}`) }),
  insert: (store, size) => {
    const ids: string[] = [];
    return {
      run: async () => {
        const next = size + 1 + ids.length;
        ids.push(await store.insert(userOf(next), String(next)));
      },
      undo: async () => {
        for (const id of ids.splice(0)) await store.delete(id);
      },
    };
  },
};

function place(size: number): number {
  turn += 7919;
  return (turn % size) + 1;
}

const microseconds = (values: readonly number[]): string => `${median(values).toFixed(0)} µs`;

function against(turns: Turns<Name>, what: string, ours: Name, theirs: Name, target?: string): Figure {
  return {
    name: `${what}: ${ours} ÷ ${theirs}`,
    value: ratioOf(turns[ours], turns[theirs]).toFixed(2),
    ...(target === undefined ? {} : { target }),
    note: `${microseconds(turns[ours])} against ${microseconds(turns[theirs])}`,
  };
}

test('tokens in files and databases, sealed, against the stores of the Zoho SDK', { timeout: 600_000 }, async ({
  task,
}) => {
  const stores = new Map<number, Stores>();
  for (const size of sizes) stores.set(size, await storesOf(size));
  const figures: Figure[] = [];
  for (const [operation, contender] of Object.entries(operations)) {
    for (const [size, all] of stores) {
      const entries = Object.entries(all).map(([name, store]) => [name, contender(store, size)] as const);
      const turns = await takeTurns(Object.fromEntries(entries) as { [N in Name]: Contender });
      const what = `${operation}, ${size} tokens`;
      const worthIt = size >= 1000 ? '1' : undefined;
      figures.push(
        against(turns, what, 'file', 'FileStore', worthIt),
        against(turns, what, 'sqlite', 'FileStore', worthIt),
        against(turns, what, 'mysql', 'DBStore', '1'),
      );
    }
    for (const name of ['file', 'sqlite', 'mysql'] as const) {
      const [few, many] = [stores.get(10) as Stores, stores.get(10_000) as Stores];
      const turns = await takeTurns({ few: contender(few[name], 10), many: contender(many[name], 10_000) });
      figures.push({
        name: `${operation}: ${name} at 10,000 tokens ÷ at 10`,
        value: ratioOf(turns.many, turns.few).toFixed(2),
        target: '1.3',
        note: `${microseconds(turns.many)} against ${microseconds(turns.few)}`,
      });
    }
  }
  task.meta.figures = figures;
  for (const [size, all] of stores) {
    for (const store of Object.values(all)) expect(await store.findByUser(userOf(size))).toBeTruthy();
  }
});
