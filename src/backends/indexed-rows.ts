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
  const allOn = ({ rows }: Shelf): readonly PlainRow[] => [...rows.values()];

  return {
    get size() {
      return size;
    },

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
      if (partition === undefined) return [...shelves.values()].flatMap(allOn);
      const shelf = shelves.get(partition);
      return shelf === undefined ? [] : allOn(shelf);
    },

    set(row) {
      const shelf: Shelf = shelves.get(row.partition) ?? { rows: new Map(), holders: new Map() };
      const before = shelf.rows.get(row.id);
      if (before === undefined) {
        size++;
        shelf.sorted = undefined;
      } else {
        removeHolder(shelf, before);
      }
      shelves.set(row.partition, shelf);
      shelf.rows.set(row.id, row);
      addHolder(shelf, row);
    },

    delete(partition, id) {
      const shelf = shelves.get(partition);
      const row = shelf?.rows.get(id);
      if (shelf === undefined || row === undefined) return;
      size--;
      shelf.sorted = undefined;
      shelf.rows.delete(id);
      removeHolder(shelf, row);
      if (shelf.rows.size === 0) shelves.delete(partition);
    },

    clear(partition) {
      size -= shelves.get(partition)?.rows.size ?? 0;
      shelves.delete(partition);
    },
  };
}

function addHolder({ holders }: Shelf, row: PlainRow): void {
  for (const key of keysOf(row)) holders.set(key, (holders.get(key) ?? new Set()).add(row.id));
}

function removeHolder({ holders }: Shelf, row: PlainRow): void {
  for (const key of keysOf(row)) {
    const ids = holders.get(key);
    ids?.delete(row.id);
    if (ids?.size === 0) holders.delete(key);
  }
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
