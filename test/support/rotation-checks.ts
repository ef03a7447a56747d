import { expect } from 'vitest';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { blindIndex } from '../../src/crypto/blind-index.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { rotateKeys } from '../../src/store/rotate-keys.ts';
import { expectCode } from './expect-code.ts';
import {
  dump,
  expectAll,
  fill,
  filled,
  overwrite,
  partition,
  rotate,
  rotationKeys,
  rowOf,
  tokenOf,
  watched,
} from './rotation-rig.ts';

/** One thing that has to hold of a rotation over an empty backend. `connect` gives another connection to the same data. */
export interface RotationCheck {
  readonly name: string;
  /** Whether it is for backends with compare-and-set, where others may write meanwhile, or for those without. Default both. */
  readonly compareAndSet?: boolean;
  run(connect: () => RecordBackend): Promise<void>;
}

const soleWriter = true;

/** The checks that are for a backend. */
export function checksFor(checks: readonly RotationCheck[], compareAndSet: boolean): readonly RotationCheck[] {
  return checks.filter((check) => check.compareAndSet !== !compareAndSet);
}

export const rotationChecks: readonly RotationCheck[] = [
  {
    name: 'case 45: every record is found under both keys during a rotation, and under the new one alone after it',
    async run(connect) {
      const backend = connect();
      const { old, young, before, pending, promoted, after } = await rotationKeys();
      const session = await fill(backend, before);
      const root = before.indexRoots()[0];
      const former = [await blindIndex(root, 'default', 'userName', 'ann')];
      expect(await backend.find(partition, 'userName', former)).toHaveLength(1);
      const seen: number[] = [];
      for await (const { remaining } of rotateKeys({ backend, keyring: promoted, batchSize: 2, soleWriter })) {
        seen.push(remaining);
        await expectAll(connect(), pending, session);
        await expectAll(connect(), promoted, session);
      }
      expect([seen[0], seen.at(-1)]).toEqual([filled - 2, 0]);
      await expectAll(connect(), after, session);
      expect(await backend.find(partition, 'userName', former)).toEqual([]);
      expect(await backend.keyUse()).toEqual([{ keyId: young, indexKeyId: young, records: filled }]);
      expect(JSON.stringify(await dump(backend))).not.toContain(old);
    },
  },
  {
    name: 'each of the two keys rotates by itself, and content, expiry and identity stay',
    async run(connect) {
      const backend = connect();
      for (const use of ['seal', 'index'] as const) {
        const keys = await rotationKeys(use);
        const session = await fill(backend, keys.before);
        const was = await dump(backend);
        expect(await rotate({ backend, keyring: keys.promoted, soleWriter })).toMatchObject({ resealed: filled });
        const is = await dump(backend);
        for (const [i, record] of is.entries()) {
          const { revision, expiresAt, dueAt, identity, lookups } = was[i] as (typeof was)[number];
          expect(record).toMatchObject({ revision: revision + 1, expiresAt, dueAt });
          expect(record.keyId).toBe(use === 'seal' ? keys.young : keys.old);
          expect(record.indexKeyId).toBe(use === 'index' ? keys.young : keys.old);
          const kept = [record.identity, record.lookups];
          if (use === 'seal') expect(kept).toEqual([identity, lookups]);
          else expect(kept).not.toEqual([identity, lookups]);
        }
        await expectAll(connect(), keys.promoted, session);
        for (const { id, partition: one } of is) await backend.delete(one, id);
      }
    },
  },
  {
    name: 'nothing is written when no record needs new keys, and a key that is pending is not put to use',
    async run(connect) {
      const backend = connect();
      const { before, pending, promoted } = await rotationKeys();
      await fill(backend, before);
      const was = await dump(backend);
      const nothing = { total: 0, resealed: 0, overtaken: 0, failed: 0, remaining: 0, failures: {} };
      for (const keyring of [before, pending]) {
        expect(await rotate({ backend, keyring, soleWriter })).toMatchObject(nothing);
      }
      expect(await dump(backend)).toEqual(was);
      await rotate({ backend, keyring: promoted, soleWriter });
      const is = await dump(backend);
      expect(await rotate({ backend, keyring: pending, soleWriter })).toMatchObject(nothing);
      expect(await dump(backend)).toEqual(is);
    },
  },
  {
    name: 'cases 48, 49: a damaged record is counted by code and left untouched, the others are sealed anew',
    async run(connect) {
      const backend = connect();
      const { old, young, before, promoted } = await rotationKeys();
      await fill(backend, before);
      const store = new EncryptedTokenStore({ backend, keyring: before });
      const rows = [];
      for (const [user, alter] of [
        ['torn', (sealed: Uint8Array<ArrayBuffer>) => sealed.slice(0, 50)],
        ['altered', (sealed: Uint8Array<ArrayBuffer>) => sealed.with(100, (sealed[100] as number) ^ 1)],
        ['foreign', (sealed: Uint8Array<ArrayBuffer>) => sealed.with(2, (sealed[2] as number) ^ 1)],
      ] as const) {
        const row = await rowOf(backend, await store.saveToken(tokenOf(user)));
        rows.push(await overwrite(backend, row, { sealed: new Uint8Array(alter(row.sealed)) }));
      }
      const last = await rotate({ backend, keyring: promoted, batchSize: 2, soleWriter });
      expect(last).toMatchObject({ total: filled + 3, resealed: filled, failed: 3, remaining: 3 });
      expect(last.failures).toEqual({ E_FORMAT: 1, E_AUTH: 1, E_KEY_UNKNOWN: 1 });
      for (const row of rows) expect(await backend.get(partition, row.id)).toEqual(row);
      expect(await sortedUse(backend)).toEqual([
        { keyId: old, indexKeyId: old, records: 3 },
        { keyId: young, indexKeyId: young, records: filled },
      ]);
    },
  },
  {
    name: 'case 9: with a keyring of the right shape and other keys nothing opens, and nothing is written',
    async run(connect) {
      const backend = connect();
      const { before } = await rotationKeys();
      const other = await rotationKeys();
      await fill(backend, before);
      const was = await dump(backend);
      const wrong = new EncryptedTokenStore({ backend, keyring: other.promoted });
      await expectCode('E_KEY_UNKNOWN', wrong.getTokens());
      expect(await wrong.findToken({ userName: 'ann' })).toBeUndefined();
      const last = await rotate({ backend, keyring: other.promoted, soleWriter });
      expect(last).toMatchObject({ resealed: 0, failed: filled, failures: { E_KEY_UNKNOWN: filled } });
      expect(await dump(backend)).toEqual(was);
    },
  },
  {
    name: 'case 50: a column that names another key than the seal does is put right',
    async run(connect) {
      const backend = connect();
      const { young, before, promoted, after } = await rotationKeys();
      const ann = await new EncryptedTokenStore({ backend, keyring: before }).saveToken(tokenOf('ann'));
      const bob = await new EncryptedTokenStore({ backend, keyring: promoted }).saveToken(tokenOf('bob'));
      await overwrite(backend, await rowOf(backend, bob), { keyId: before.sealingRoot().keyId });
      await overwrite(backend, await rowOf(backend, ann), { keyId: 'nonsense' });
      expect(await rotate({ backend, keyring: promoted, soleWriter })).toMatchObject({ resealed: 2, remaining: 0 });
      expect(await backend.keyUse()).toEqual([{ keyId: young, indexKeyId: young, records: 2 }]);
      const users = await new EncryptedTokenStore({ backend, keyring: after }).getTokens();
      expect(users.map(({ userName }) => userName).sort()).toEqual(['ann', 'bob']);
    },
  },
  {
    name: 'case 54: a signal ends a rotation after the batch under way, and the next run does the rest',
    async run(connect) {
      const backend = connect();
      const { before, promoted, after } = await rotationKeys();
      const session = await fill(backend, before);
      const abort = new AbortController();
      const run = rotate({
        backend,
        keyring: promoted,
        batchSize: 2,
        signal: abort.signal,
        soleWriter,
        onProgress: () => abort.abort('enough'),
      });
      await expect(run).rejects.toBe('enough');
      expect((await sortedUse(backend)).map(({ records }) => records).sort()).toEqual([2, filled - 2]);
      await expectAll(connect(), promoted, session);
      expect(await rotate({ backend, keyring: promoted, soleWriter })).toMatchObject({
        total: filled - 2,
        remaining: 0,
      });
      await expectAll(connect(), after, session);
    },
  },
  {
    name: 'case 47: whoever writes while a record is being sealed anew wins, and is sealed anew after that',
    compareAndSet: true,
    async run(connect) {
      const { before, promoted, after } = await rotationKeys();
      await fill(connect(), before);
      const racing = new EncryptedTokenStore({ backend: connect(), keyring: before });
      let raced = false;
      const backend = watched(connect(), 'before', async (operation) => {
        if (operation !== 'putEach' || raced) return;
        raced = true;
        await racing.saveToken({ ...tokenOf('ann'), scope: 'read write' });
      });
      const last = await rotate({ backend, keyring: promoted });
      expect(last).toMatchObject({ total: filled, resealed: filled, overtaken: 1, failed: 0, remaining: 0 });
      const store = new EncryptedTokenStore({ backend: connect(), keyring: after });
      expect(await store.findToken({ userName: 'ann' })).toMatchObject({ revision: 3, scope: 'read write' });
      expect(await store.findToken({ userName: 'bob' })).toMatchObject({ revision: 2 });
    },
  },
  {
    name: 'case 53: two hundred saves and reads, under both settings, while keys rotate lose nothing',
    compareAndSet: true,
    async run(connect) {
      const { young, before, pending, promoted, after } = await rotationKeys();
      const names = Array.from({ length: 25 }, (_, n) => `user-${n}`);
      const first = new EncryptedTokenStore({ backend: connect(), keyring: before });
      for (const name of names) await first.saveToken(tokenOf(name));
      const stores = [pending, promoted].map((keyring) => new EncryptedTokenStore({ backend: connect(), keyring }));
      const work = names.flatMap((userName) =>
        stores.flatMap((store, i) => [
          store.saveToken({ userName, extras: { [`by ${i}`]: userName } }),
          store.findToken({ userName }),
          store.saveToken({ userName, apiDomain: `https://${i}.example` }),
          store.getTokenPage({ limit: 3 }),
        ]),
      );
      const [last] = await Promise.all([rotate({ backend: connect(), keyring: promoted, batchSize: 4 }), ...work]);
      expect(last.failed).toBe(0);
      // the isolate with the earlier setting may have written behind the last pass
      await rotate({ backend: connect(), keyring: promoted });
      expect((await connect().keyUse()).map(({ keyId }) => keyId)).toEqual([young]);
      const all = await new EncryptedTokenStore({ backend: connect(), keyring: after }).getTokens();
      expect(all.map(({ userName }) => userName).sort()).toEqual([...names].sort());
      for (const token of all) expect(token).toMatchObject(tokenOf(token.userName as string));
    },
  },
];

async function sortedUse(backend: RecordBackend) {
  return [...(await backend.keyUse())].sort((left, right) => left.records - right.records);
}
