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
  /** The partitions in their order, and some that have gone; absent when one has come since the last scan. */
  let names: readonly string[] | undefined;
  const allOn = ({ rows }: Shelf): readonly PlainRow[] => [...rows.values()];

  /** The rows of a partition in the order of their ids, those after an id or all. */
  function* following(partition: string, after?: string): Generator<PlainRow, void, undefined> {
    const shelf = shelves.get(partition);
    if (shelf === undefined) return;
    shelf.sorted ??= [...shelf.rows.keys()].sort();
    const start = after === undefined ? 0 : firstAfter(shelf.sorted, after);
    for (let i = start; i < shelf.sorted.length; i++) yield shelf.rows.get(shelf.sorted[i] as string) as PlainRow;
  }

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
      const rows: PlainRow[] = [];
      for (const row of following(partition, after)) {
        if (rows.length === limit) break;
        rows.push(row);
      }
      return rows;
    },

    scan(limit, passes, after) {
      names ??= [...shelves.keys()].sort();
      const others = after === undefined ? names : names.slice(firstAfter(names, after.partition));
      const found: PlainRow[] = [];
      const search = (partition: string, from?: string): void => {
        for (const row of following(partition, from)) {
          if (found.length === limit) return;
          if (passes(row)) found.push(row);
        }
      };
      if (after !== undefined) search(after.partition, after.id);
      for (const partition of others) {
        if (found.length === limit) break;
        search(partition);
      }
      return found;
    },

    all(partition) {
      if (partition === undefined) return [...shelves.values()].flatMap(allOn);
      const shelf = shelves.get(partition);
      return shelf === undefined ? [] : allOn(shelf);
    },

    set(row) {
      const shelf: Shelf = shelves.get(row.partition) ?? { rows: new Map(), holders: new Map() };
      if (shelf.rows.size === 0) names = undefined;
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

/** Where the first text stands that is greater. */
function firstAfter(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) > text) high = middle;
    else low = middle + 1;
  }
  return low;
}
