import type { PlainRow } from './plain-row.ts';
import type { ChangeableRows } from './rows.ts';

/** The rows of one partition. */
interface Shelf {
  readonly rows: Map<string, PlainRow>;
  /** The ids of the rows that have a value in a field. */
  readonly holders: Map<string, Set<string>>;
  /** The ids in their order; absent when one has come or gone since the last listing. */
  sorted?: readonly string[] | undefined;
}

/** Rows that are held in memory. */
export interface IndexedRows extends ChangeableRows {
  /** How many there are. */
  readonly size: number;
}

/** No rows yet. To get, find, set or delete one takes as long whatever their number. */
export function indexedRows(): IndexedRows {
  const shelves = new Map<string, Shelf>();
  let size = 0;
  const all = ({ rows }: Shelf): readonly PlainRow[] => [...rows.values()];
  const remove = (partition: string, id: string): void => {
    const shelf = shelves.get(partition);
    const row = shelf?.rows.get(id);
    if (shelf === undefined || row === undefined) return;
    shelf.rows.delete(id);
    size--;
    for (const key of keysOf(row)) {
      const holders = shelf.holders.get(key);
      holders?.delete(id);
      if (holders?.size === 0) shelf.holders.delete(key);
    }
    shelf.sorted = undefined;
    if (shelf.rows.size === 0) shelves.delete(partition);
  };

  return {
    get: (partition, id) => shelves.get(partition)?.rows.get(id),

    find(partition, field, values) {
      const shelf = shelves.get(partition);
      const ids = new Set(values.flatMap((value) => [...(shelf?.holders.get(keyOf(field, value)) ?? [])]));
      return [...ids].map((id) => shelf?.rows.get(id) as PlainRow);
    },

    page(partition, limit, after) {
      const shelf = shelves.get(partition);
      if (shelf === undefined) return [];
      shelf.sorted ??= [...shelf.rows.keys()].sort();
      const start = after === undefined ? 0 : firstAfter(shelf.sorted, after);
      return shelf.sorted.slice(start, start + limit).map((id) => shelf.rows.get(id) as PlainRow);
    },

    all(partition) {
      if (partition === undefined) return [...shelves.values()].flatMap(all);
      const shelf = shelves.get(partition);
      return shelf === undefined ? [] : all(shelf);
    },

    set(row) {
      const sorted = shelves.get(row.partition)?.rows.has(row.id) && shelves.get(row.partition)?.sorted;
      remove(row.partition, row.id);
      const shelf: Shelf = shelves.get(row.partition) ?? { rows: new Map(), holders: new Map() };
      shelves.set(row.partition, shelf);
      shelf.rows.set(row.id, row);
      size++;
      for (const key of keysOf(row)) shelf.holders.set(key, (shelf.holders.get(key) ?? new Set()).add(row.id));
      if (sorted) shelf.sorted = sorted;
    },

    delete: remove,

    clear(partition) {
      size -= shelves.get(partition)?.rows.size ?? 0;
      shelves.delete(partition);
    },

    get size() {
      return size;
    },
  };
}

function keysOf({ identity, lookups }: PlainRow): readonly string[] {
  const found = Object.entries(lookups ?? {}).map(([field, value]) => keyOf(field, value));
  return [keyOf('identity', identity), ...found];
}

/** Base64url has no space: no value of one field is taken for one of another. */
function keyOf(field: string, value: string): string {
  return `${field} ${value}`;
}

/** Where the first id stands that is greater. */
function firstAfter(sorted: readonly string[], id: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
