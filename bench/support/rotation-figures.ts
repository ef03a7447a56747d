import type { RecordBackend } from '../../src/core/record-backend.ts';
import { changeKeyring } from '../../src/crypto/change-keyring.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { rotateKeys } from '../../src/store/rotate-keys.ts';
import type { Figure } from './figure.ts';
import { median } from './median.ts';
import { saveSamples } from './save-samples.ts';

const rounds = 7;
const batchSize = 100;

/** Time for a number of records to be sealed under another key: by a rotation, and by nothing but the work that cannot be left out. */
export async function rotationFigures(
  place: string,
  backend: RecordBackend,
  count: number,
): Promise<readonly Figure[]> {
  let setting = await generateKeyring();
  const store = new EncryptedTokenStore({ backend, keyring: await importKeyring(setting) });
  await saveSamples(store, count);

  const timed = async (work: (keyring: Awaited<ReturnType<typeof importKeyring>>) => Promise<void>, use?: 'seal') => {
    const before = new Set((await importKeyring(setting)).info().map(({ keyId }) => keyId));
    setting = await changeKeyring(setting, { kind: 'add' });
    const added = (await importKeyring(setting)).info().find(({ keyId }) => !before.has(keyId));
    setting = await changeKeyring(setting, { kind: 'promote', keyId: added?.keyId ?? '', ...(use && { use }) });
    const keyring = await importKeyring(setting);
    const start = performance.now();
    await work(keyring);
    return performance.now() - start;
  };
  const rotate = (use?: 'seal') =>
    timed(async (keyring) => {
      for await (const _ of rotateKeys({ backend, keyring, batchSize }));
    }, use);
  /** Opens, seals and writes each record, as many at once as the rotation does, with no look at what is in it. */
  const raw = () =>
    timed(async (keyring) => {
      let cursor: string | undefined;
      do {
        const page = await backend.page('default/tokens', batchSize, cursor);
        cursor = page.cursor;
        const writes = await Promise.all(
          page.records.map(async (record) => {
            const { id, revision, expiresAt } = record;
            const context = { schema: 1, tenant: 'default', collection: 'tokens', id, revision, expiresAt };
            const payload = await openRecord(keyring, context, record.sealed);
            const sealed = await sealRecord(keyring, { ...context, revision: revision + 1 }, payload);
            return { record: { ...record, ...sealed, revision: revision + 1 }, condition: { revision } };
          }),
        );
        await backend.putEach(writes);
      } while (cursor !== undefined);
    }, 'seal');

  const took = { sealing: [] as number[], both: [] as number[], raw: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const [one, two, three] = [await rotate('seal'), await raw(), await rotate()];
    if (round < 0) continue;
    took.sealing.push(one);
    took.raw.push(two);
    took.both.push(three);
  }
  const line = (name: string, ours: readonly number[], target?: string): Figure => ({
    name: `rotation ${name} ÷ raw open + seal + write, ${place}`,
    value: median(ours.map((value, round) => value / (took.raw[round] as number))).toFixed(2),
    ...(target !== undefined && { target }),
    note: `${Math.round((count / median(ours)) * 1000)} against ${Math.round((count / median(took.raw)) * 1000)} records a second`,
  });
  return [line('of the sealing key', took.sealing, '1.5'), line('of both keys', took.both)];
}
