import type { StoredColumn } from './stored-record.ts';

/** A stored row as a flat list: nested values are named with their path. */
export function columnsOf(row: object, path = ''): readonly StoredColumn[] {
  return Object.entries(row).flatMap(([key, value]) => {
    const name = path === '' ? key : `${path}.${key}`;
    if (value instanceof Uint8Array || typeof value === 'string' || typeof value === 'number') return [{ name, value }];
    if (typeof value === 'object' && value !== null) return columnsOf(value, name);
    return [];
  });
}
