import type { StoredColumn } from './stored-record.ts';

/** A stored row as a flat list: nested values are named with their path, and short lists stay together. */
export function columnsOf(row: object, path = ''): readonly StoredColumn[] {
  return Object.entries(row).flatMap(([key, value]) => {
    const name = path === '' ? key : `${path}.${key}`;
    if (isPlain(value)) return [{ name, values: value === '' ? [] : [value] }];
    if (Array.isArray(value) && value.every(isPlain)) return [{ name, values: value }];
    return typeof value === 'object' && value !== null ? columnsOf(value, name) : [{ name, values: [] }];
  });
}

function isPlain(value: unknown): value is StoredColumn['values'][number] {
  return typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array;
}
