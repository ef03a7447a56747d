import { assertEqual } from './assert-equal.ts';
import { hostileTexts } from './hostile-texts.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

/** Ids may hold slashes as well. */
const ids: readonly string[] = [...hostileTexts, 'a/b', 'a/b/c', '/a', 'a/', '../a', 'r/a/b'];

/** What a record backend promises about names: they are kept and compared exactly, and mean nothing. */
export const recordHostileCases: RecordCases = {
  'hostile ids name records of their own': async ({ backend, partition, neighbour, add }) => {
    const userName = randomBytes(16);
    const bystander = await add('bystander', { partition: neighbour });
    const records = new Map<string, Awaited<ReturnType<typeof add>>>();
    for (const id of ids) records.set(id, await add(id, { lookups: { userName } }));
    for (const [id, record] of records) {
      assertEqual(await backend.get(partition, id), unclaimedRecord(record), `the record ${JSON.stringify(id)}`);
      const found = await backend.find(partition, 'identity', [record.identity]);
      assertEqual(found, [unclaimedRecord(record)], `the search for ${JSON.stringify(id)}`);
    }
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await backend.page(partition, 7, cursor);
      listed.push(...page.records.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    assertEqual(listed.sort(), [...ids].sort(), 'the ids listed');
    for (const id of ids) {
      await backend.delete(partition, id);
      records.delete(id);
      const left = await backend.find(partition, 'userName', [userName]);
      assertEqual(
        left.map((one) => one.id).sort(),
        [...records.keys()].sort(),
        `what is left without ${JSON.stringify(id)}`,
      );
    }
    assertEqual((await backend.page(neighbour, 10)).records, [unclaimedRecord(bystander)], 'the bystander');
  },

  'hostile ids are updated and claimed like others': async ({ backend, partition, add, sample }) => {
    for (const id of ids) {
      const { identity } = await add(id);
      const next = sample(id, { revision: 2, identity });
      assertEqual(await backend.put(next, { revision: 1 }), 'stored', `the update of ${JSON.stringify(id)}`);
      if (!backend.capabilities.compareAndSet) continue;
      const request = { revision: 2, owner: id, ttlMs: 60_000 };
      const outcome = await backend.claim(partition, id, request);
      assertEqual(outcome, { granted: true, doubts: 0 }, `the claim on ${JSON.stringify(id)}`);
      await backend.release(partition, id, { owner: id });
      assertEqual(await backend.get(partition, id), unclaimedRecord(next), `the record ${JSON.stringify(id)}`);
    }
  },

  'hostile partitions are kept apart': async ({ backend, partition, add, keyId }) => {
    const identity = randomBytes(16);
    const tenant = partition.slice(0, 36);
    // A store percent-encodes its tenant, so no partition holds a NUL.
    const partitions = [
      ...hostileTexts.filter((text) => !text.includes('\u0000')).map((text) => `${tenant}${text}/tokens`),
      `${tenant}/tokens`,
      `${tenant}/token`,
      `${tenant}/`,
    ];
    for (const name of partitions) await add('one', { partition: name, identity, lookups: { userName: identity } });
    for (const name of partitions) {
      const found = await backend.find(name, 'userName', [identity]);
      assertEqual(
        found.map((record) => record.partition),
        [name],
        `the search in ${JSON.stringify(name)}`,
      );
      assertEqual((await backend.keyUse(name))[0]?.records, 1, `the count in ${JSON.stringify(name)}`);
      assertEqual((await backend.page(name, 10)).records, found, `the listing of ${JSON.stringify(name)}`);
    }
    for (const [i, name] of partitions.entries()) {
      await backend.clear(name);
      assertEqual(
        (await backend.keyUse()).find((use) => use.keyId === keyId)?.records ?? 0,
        partitions.length - i - 1,
        `what is left without ${JSON.stringify(name)}`,
      );
    }
  },
};
