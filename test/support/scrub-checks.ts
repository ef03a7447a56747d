import { expect } from 'vitest';
import type { Keyring } from '../../src/core/keyring.ts';
import type { KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { type ScrubFinding, type ScrubOptions, type ScrubProgress, scrub } from '../../src/store/scrub.ts';
import type { RotationCheck } from './rotation-checks.ts';
import { dump, expectAll, fill, filled, overwrite, rotationKeys, rowOf, tokenOf } from './rotation-rig.ts';

/** Runs a scrub to its end: the last it has said, and everything it has found, by id. */
async function scrubbed(
  options: ScrubOptions,
): Promise<ScrubProgress & { readonly all: ReadonlyMap<string, ScrubFinding> }> {
  const all = new Map<string, ScrubFinding>();
  let last: ScrubProgress | undefined;
  for await (const progress of scrub({ soleWriter: true, ...options })) {
    for (const finding of progress.findings) all.set(finding.id, finding);
    last = progress;
  }
  return { ...(last as ScrubProgress), all };
}

type Alter = (record: KeptRecord, other: KeptRecord) => Partial<KeptRecord>;

/** What somebody may do to a row; the code and the fields by which a scrub names it; whether a repair may put it right. */
const damages: readonly [what: string, alter: Alter, code: string, fields: readonly string[]][] = [
  ['altered bytes', ({ sealed }) => ({ sealed: flipped(sealed, 90) }), 'E_AUTH', []],
  ['cut bytes', ({ sealed }) => ({ sealed: sealed.slice(0, 40) }), 'E_FORMAT', []],
  ['an unknown version', ({ sealed }) => ({ sealed: flipped(sealed, 0) }), 'E_VERSION', []],
  ['an unknown key', ({ sealed }) => ({ sealed: flipped(sealed, 3) }), 'E_KEY_UNKNOWN', []],
  ['another revision', ({ revision }) => ({ revision: revision + 1 }), 'E_AUTH', []],
  ['a later expiry', () => ({ expiresAt: 1_900_000_000_000 }), 'E_AUTH', []],
  ['the bytes of another row', (_, { sealed }) => ({ sealed }), 'E_AUTH', []],
  ['another tenant', () => ({ partition: 'evil/tokens' }), 'E_AUTH', []],
  ['another collection', () => ({ partition: 'default/sessions' }), 'E_AUTH', []],
  ['a partition that nobody makes', () => ({ partition: 'de fault/tokens' }), 'E_FORMAT', []],
  ['a key id that lies', () => ({ keyId: 'nonsense' }), 'E_INDEX_MISMATCH', ['keyId']],
  [
    'a lookup that was copied',
    (_, { lookups }) => ({ lookups }),
    'E_INDEX_MISMATCH',
    ['userName', 'accessToken', 'refreshToken'],
  ],
  [
    'a lookup that was taken away',
    ({ lookups: { userName: _, ...lookups } }) => ({ lookups }),
    'E_INDEX_MISMATCH',
    ['userName'],
  ],
  [
    'a lookup that was added',
    ({ lookups }) => ({ lookups: { ...lookups, grantToken: new Uint8Array(16) } }),
    'E_INDEX_MISMATCH',
    ['grantToken'],
  ],
  ['an identity that lies', () => ({ identity: new Uint8Array(16).fill(7) }), 'E_INDEX_MISMATCH', ['identity']],
  ['a key of its lookups that nobody has', () => ({ indexKeyId: 'deadbeef' }), 'E_KEY_UNKNOWN', ['indexKeyId']],
];

function flipped(bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.with(at, (bytes[at] as number) ^ 0x10));
}

/** A database with one row of each damage among sound ones. */
async function damaged(backend: RecordBackend, keyring: Keyring) {
  const session = await fill(backend, keyring);
  const store = new EncryptedTokenStore({ backend, keyring });
  const other = await rowOf(backend, await store.saveToken(tokenOf('other')));
  const rows = new Map<string, KeptRecord>();
  for (const [i, [, alter]] of damages.entries()) {
    const row = await rowOf(backend, await store.saveToken({ ...tokenOf(`user-${i}`), id: `damaged ${i}` }));
    rows.set(row.id, await overwrite(backend, row, alter(row, other)));
  }
  await backend.delete(other.partition, other.id);
  return { session, rows };
}

export const scrubChecks: readonly RotationCheck[] = [
  {
    name: 'a scrub finds nothing in a sound database, during a rotation neither',
    async run(connect) {
      const backend = connect();
      const { before, promoted } = await rotationKeys();
      await fill(backend, before);
      await new EncryptedTokenStore({ backend, keyring: promoted }).saveToken(tokenOf('new'));
      const was = await dump(backend);
      const last = await scrubbed({ backend, keyring: promoted, batchSize: 2 });
      expect(last).toMatchObject({ total: filled + 1, checked: filled + 1, found: {}, repaired: 0 });
      await scrubbed({ backend, keyring: promoted, repair: true });
      expect(await dump(backend)).toEqual(was);
    },
  },
  {
    name: 'a scrub finds every kind of damage by its code and changes nothing',
    async run(connect) {
      const backend = connect();
      const { before } = await rotationKeys();
      const { rows } = await damaged(backend, before);
      const was = await dump(backend);
      const { all, found, repaired, checked } = await scrubbed({ backend, keyring: before, batchSize: 5 });
      for (const [i, [what, , code, fields]] of damages.entries()) {
        const id = `damaged ${i}`;
        const { partition } = rows.get(id) as KeptRecord;
        expect([what, all.get(id)]).toEqual([what, { partition, id, code, fields, repaired: false }]);
      }
      expect([all.size, repaired, checked]).toEqual([damages.length, 0, filled + damages.length]);
      expect(Object.values(found).reduce((sum, one) => sum + one, 0)).toBe(damages.length);
      expect(await dump(backend)).toEqual(was);
    },
  },
  {
    name: 'a repair puts right what stands in the clear, and touches nothing that does not open',
    async run(connect) {
      const backend = connect();
      const { before } = await rotationKeys();
      const { session, rows } = await damaged(backend, before);
      const { all, repaired } = await scrubbed({ backend, keyring: before, repair: true });
      const repairable = damages.filter(([, , , fields]) => fields.length > 0).length;
      expect([all.size, repaired]).toEqual([damages.length, repairable]);
      const store = new EncryptedTokenStore({ backend, keyring: before });
      for (const [i, [what, , , fields]] of damages.entries()) {
        const row = rows.get(`damaged ${i}`) as KeptRecord;
        expect(all.get(row.id)?.repaired).toBe(fields.length > 0);
        const is = await backend.get(row.partition, row.id);
        if (fields.length === 0) expect([what, is]).toEqual([what, row]);
        else {
          expect(is?.revision).toBe(row.revision + 1);
          const { userName, accessToken, refreshToken } = tokenOf(`user-${i}`);
          for (const query of [{ userName }, { accessToken }, { refreshToken }]) {
            expect((await store.findToken(query))?.id).toBe(row.id);
          }
        }
      }
      expect((await scrubbed({ backend, keyring: before })).all.size).toBe(damages.length - repairable);
      for (const row of rows.values()) await backend.delete(row.partition, row.id);
      await expectAll(connect(), before, session);
    },
  },
];
