import type { KeptRecord, RecordBackend, RecordKeys, ScanOptions } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { hostileTexts } from './hostile-texts.ts';
import { type RecordCases, type RecordScenario, unclaimedRecord } from './record-scenario.ts';

/** The records of the scenario's two partitions, as a scan of everything shows them; the database may hold others. */
async function scanned(
  { backend, partition, neighbour }: RecordScenario,
  limit: number,
  except?: RecordKeys,
  onFound: (record: KeptRecord) => Promise<unknown> = async () => undefined,
): Promise<readonly KeptRecord[]> {
  const found: KeptRecord[] = [];
  const cursors = new Set<string | undefined>();
  let options: ScanOptions = except === undefined ? {} : { except };
  do {
    if (cursors.has(options.cursor)) throw new Error('expected another cursor with each page, but one came again');
    cursors.add(options.cursor);
    const { records, cursor } = await backend.scan(limit, options);
    if (records.length > limit) throw new Error(`a page of ${limit} holds ${records.length} records`);
    const mine = records.filter((record) => [partition, neighbour].includes(record.partition));
    for (const record of mine) await onFound(record);
    found.push(...mine);
    options = { ...(except && { except }), ...(cursor !== undefined && { cursor }) };
  } while (options.cursor !== undefined);
  return found;
}

const nameOf = ({ partition, id }: KeptRecord): string => `${partition} ${id}`;
const idsOf = (records: readonly KeptRecord[]): readonly string[] => records.map(({ id }) => id).sort();

/** The page behind a cursor that nobody was given; `undefined` when it is refused as it should be. */
async function strange(backend: RecordBackend, cursor: string): Promise<readonly KeptRecord[] | undefined> {
  try {
    return (await backend.scan(10, { cursor })).records;
  } catch (error) {
    assertEqual(
      /^E_(INPUT|STORAGE)$/.test(String(Object(error).code)),
      true,
      `whether ${JSON.stringify(cursor)} is refused`,
    );
    return undefined;
  }
}

/** What a record backend promises about reading the records of all partitions. */
export const recordScanCases: RecordCases = {
  'a scan shows the records of all partitions, whole and once': async (scenario) => {
    const { partition, neighbour, add } = scenario;
    const records = [await add('here', { expiresAt: 4_102_444_800_000, lookups: { userName: new Uint8Array(16) } })];
    for (let i = 0; i < 8; i++) records.push(await add(`id ${i}`, { partition: i % 2 === 0 ? partition : neighbour }));
    records.push(await add('here', { partition: neighbour }));
    for (const limit of [7, 1000]) {
      const found = new Map((await scanned(scenario, limit)).map((record) => [nameOf(record), record]));
      for (const record of records.map(unclaimedRecord)) assertEqual(found.get(nameOf(record)), record, nameOf(record));
      assertEqual((await scanned(scenario, limit)).length, records.length, `records in pages of ${limit}`);
    }
  },

  'a scan leaves out the records that have exactly the keys, and no others': async (scenario) => {
    const { keyId, add } = scenario;
    const other = '01234567';
    const except = { keyId, indexKeyId: other };
    await add('left out', except);
    await add('left out, too', { ...except, partition: scenario.neighbour });
    await add('sealed alone', { keyId, indexKeyId: keyId });
    await add('indexed alone', { keyId: other, indexKeyId: other });
    await add('the other way round', { keyId: other, indexKeyId: keyId });
    const left = ['indexed alone', 'sealed alone', 'the other way round'];
    for (const limit of [7, 1000]) assertEqual(idsOf(await scanned(scenario, limit, except)), left, 'the records left');
    assertEqual((await scanned(scenario, 1000)).length, 5, 'records without an exception');
  },

  'a scan shows in whose hands a record is': async (scenario) => {
    const { backend, partition, add } = scenario;
    if (!backend.capabilities.compareAndSet) return;
    await add('claimed');
    await backend.claim(partition, 'claimed', { revision: 1, owner: 'somebody', ttlMs: 60_000 });
    const [record] = await scanned(scenario, 1000);
    assertEqual(record?.claim.owner, 'somebody', 'the owner of the claim');
  },

  'the order of a scan is stable, and a cursor can be used again': async (scenario) => {
    const { backend, add } = scenario;
    for (let i = 0; i < 6; i++) await add(`id ${i}`);
    const [one, two] = [await scanned(scenario, 7), await scanned(scenario, 7)];
    assertEqual(one.map(nameOf), two.map(nameOf), 'the names');
    const { cursor } = await backend.scan(2);
    if (cursor === undefined) throw new Error('expected a cursor of the first page, but it has none');
    const again = async () => (await backend.scan(2, { cursor })).records.map(nameOf);
    assertEqual(await again(), await again(), 'the names of a page');
  },

  'records that are written again and deleted during a scan hide no others': async (scenario) => {
    const { backend, partition, neighbour, keyId, add } = scenario;
    const ids = Array.from({ length: 12 }, (_, i) => `id ${i}`);
    for (const [i, id] of ids.entries()) await add(id, { partition: i % 3 === 0 ? neighbour : partition });
    const next = { keyId: '01234567', indexKeyId: '01234567' };
    let count = 0;
    const found = await scanned(scenario, 5, next, async ({ claim, ...record }) => {
      if (++count % 4 === 0) await backend.delete(record.partition, record.id);
      else await backend.put({ ...record, ...next, revision: 2 }, { revision: 1 });
    });
    assertEqual(idsOf(found), [...ids].sort(), 'the records shown');
    assertEqual(idsOf(await scanned(scenario, 5, next)), [], 'what is left to do');
    assertEqual(idsOf(await scanned(scenario, 5)).length, 9, 'what is there');
    assertEqual(
      (await backend.keyUse()).filter((use) => use.keyId === keyId),
      [],
      'uses of the first key',
    );
  },

  'hostile ids are scanned like others': async (scenario) => {
    for (const id of hostileTexts) await scenario.add(id);
    assertEqual(idsOf(await scanned(scenario, 7)), [...hostileTexts].sort(), 'the ids');
  },

  'a cursor that nobody was given is refused, or leads to a page like any other': async (scenario) => {
    const { backend, add } = scenario;
    const record = await add('one');
    await add('two');
    const { cursor = '' } = await backend.scan(1);
    const made = [
      ...hostileTexts,
      `${cursor}x`,
      cursor.slice(1),
      cursor.slice(0, -1),
      '[]',
      '["a"]',
      '[1,{}]',
      '.',
      '..',
      '!.!',
    ];
    for (const text of made) {
      for (const found of (await strange(backend, text)) ?? []) {
        if (found.id === 'one' && found.partition === record.partition)
          assertEqual(found, unclaimedRecord(record), text);
      }
    }
    assertEqual(idsOf(await scanned(scenario, 1000)), ['one', 'two'], 'the records afterwards');
  },
};
