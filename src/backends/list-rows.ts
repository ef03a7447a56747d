import type { RecordName } from './name-cursor.ts';
import { isPlainRow, type PlainRow } from './plain-row.ts';
import type { ChangeableRows } from './rows.ts';

/**
 * The rows that an array holds. It is searched from its beginning every time, because its owner may change it at any time;
 * what is no row in it is left alone.
 */
export function listRows(list: PlainRow[]): ChangeableRows {
  const all: ChangeableRows['all'] = (partition) =>
    list.filter((row) => isPlainRow(row) && (partition === undefined || row.partition === partition));
  const remove = (isGone: (row: PlainRow) => boolean): void => {
    for (let i = list.length - 1; i >= 0; i--) {
      const row = list[i];
      if (isPlainRow(row) && isGone(row)) list.splice(i, 1);
    }
  };
  const isAt = (partition: string, id: string) => (row: PlainRow) => row?.partition === partition && row.id === id;

  return {
    all,
    get: (partition, id) => list.find(isAt(partition, id)),
    find: (partition, field, values) =>
      all(partition).filter((row) => {
        const held = field === 'identity' ? row.identity : row.lookups?.[field];
        return held !== undefined && values.includes(held);
      }),
    page: (partition, limit, after) =>
      all(partition)
        .filter(({ id }) => after === undefined || id > after)
        .sort((left, right) => (left.id < right.id ? -1 : 1))
        .slice(0, limit),
    scan: (limit, passes, after) =>
      all()
        .filter((row) => passes(row) && (after === undefined || inOrder(after, row) < 0))
        .sort(inOrder)
        .slice(0, limit),
    set(row) {
      const place = list.findIndex(isAt(row.partition, row.id));
      if (place === -1) list.push(row);
      else list[place] = row;
    },
    delete: (partition, id) => remove(isAt(partition, id)),
    clear: (partition) => remove((row) => row.partition === partition),
  };
}

/** By the partition, and by the id within it; of two of one name neither is first. */
function inOrder(left: RecordName, right: RecordName): number {
  const field = left.partition === right.partition ? 'id' : 'partition';
  return left[field] === right[field] ? 0 : left[field] < right[field] ? -1 : 1;
}
