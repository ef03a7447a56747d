import { toBase64url } from '../core/base64url.ts';
import { claimed, released } from '../core/claim.ts';
import type { KeptRecord, PutOutcome, RecordBackend } from '../core/record-backend.ts';
import { dueRows } from './due-rows.ts';
import { hasKeys } from './has-keys.ts';
import { keptClaim } from './kept-claim.ts';
import { keyTally } from './key-tally.ts';
import { cursorName, nameCursor } from './name-cursor.ts';
import { type PlainRow, plainRow, recordFromPlain } from './plain-row.ts';
import { putRows } from './put-rows.ts';
import { recordPage } from './record-page.ts';
import type { RowPlace } from './row-place.ts';

/**
 * The operations of a backend whose rows are in one place.
 *
 * @param now the clock of the claims, in epoch milliseconds.
 */
export function rowRecords(place: RowPlace, now: () => number): RecordBackend {
  const kept = (row: PlainRow): KeptRecord => recordFromPlain(row, now());

  const putEach: RecordBackend['putEach'] = async (writes) => {
    const taken = writes.map(({ record, condition }) => ({ row: plainRow(record), condition }));
    return taken.length === 0 ? [] : place.write((rows) => putRows(rows, taken));
  };

  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const row = await place.read((rows) => rows.get(partition, id));
      return row && kept(row);
    },

    async find(partition, field, values) {
      const texts = values.map(toBase64url);
      return (await place.read((rows) => rows.find(partition, field, texts))).map(kept);
    },

    async put(record, condition) {
      const [outcome] = await putEach([{ record, condition }]);
      return outcome as PutOutcome;
    },

    putEach,

    async claim(partition, id, request) {
      return place.write((rows) => {
        const current = rows.get(partition, id);
        if (current === undefined) return { outcome: { granted: false }, changes: [] };
        const { outcome, claim } = claimed(keptClaim(current.claim), current.revision, request, now());
        return { outcome, changes: outcome.granted ? [{ kind: 'claim', partition, id, claim }] : [] };
      });
    },

    async release(partition, id, release) {
      await place.write((rows) => {
        const before = keptClaim(rows.get(partition, id)?.claim);
        if (before.owner !== release.owner) return { outcome: undefined, changes: [] };
        const claim = released(before, release, now());
        return { outcome: undefined, changes: [{ kind: 'claim', partition, id, claim }] };
      });
    },

    async delete(partition, id) {
      const row = await place.write((rows) => {
        const outcome = rows.get(partition, id);
        return { outcome, changes: outcome === undefined ? [] : [{ kind: 'delete', partition, id }] };
      });
      return row && kept(row);
    },

    async page(partition, limit, cursor) {
      const rows = await place.read((all) => all.page(partition, limit + 1, cursor));
      return recordPage(rows.map(kept), limit);
    },

    async clear(partition) {
      await place.write((rows) => {
        const isEmpty = rows.all(partition).length === 0;
        return { outcome: undefined, changes: isEmpty ? [] : [{ kind: 'clear', partition }] };
      });
    },

    async scan(limit, { cursor, except } = {}) {
      const after = cursor === undefined ? undefined : cursorName(cursor);
      const rows = await place.read((all) => all.scan(limit + 1, (row) => !hasKeys(row, except), after));
      return recordPage(rows.map(kept), limit, nameCursor);
    },

    async keyUse(partition) {
      const rows = await place.read((all) => all.all(partition));
      const tally = keyTally();
      for (const { keyId, indexKeyId } of rows) tally.add(keyId, indexKeyId);
      return tally.uses();
    },

    async due(partition, at, limit) {
      const rows = await place.read((all) => all.all(partition));
      const candidates = rows.map((row) => ({ row, dueAt: row.dueAt, claim: keptClaim(row.claim) }));
      return dueRows(candidates, at, limit, now()).map(({ row }) => kept(row));
    },

    async deleteExpired(at, limit) {
      return place.write((rows) => {
        const expired = rows.all().filter(({ expiresAt }) => expiresAt > 0 && expiresAt <= at);
        const gone = expired.slice(0, limit);
        return {
          outcome: gone.length,
          changes: gone.map(({ partition, id }) => ({ kind: 'delete', partition, id })),
        };
      });
    },
  };
}
