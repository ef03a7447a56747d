import type { ListRow } from '../../src/backends/list-backend.ts';

const values: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  1.5,
  1e300,
  '',
  'ä',
  'not base64url!',
  {},
  [],
  [null],
  { a: 1 },
];

/**
 * Rows of the same partition, with a value in each of their fields in turn that does not belong there. Nothing leads to them
 * but a listing.
 */
export function alteredRows(row: ListRow): readonly unknown[] {
  const base = { ...row, identity: 'AAAAAAAAAAAAAAAAAAAAAA', lookups: {}, claim: undefined };
  const fields = Object.keys(base).filter((field) => field !== 'partition' && field !== 'id');
  const altered = fields.flatMap((field) => values.map((value) => ({ ...base, [field]: value })));
  const claims = values.map((value) => ({
    ...base,
    claim: { owner: value, until: value, retryAt: value, coolingSince: value, attempts: value },
  }));
  const lookups = values.map((value) => ({ ...base, lookups: { userName: value, other: value } }));
  return [...altered, ...claims, ...lookups].map((one, n) => ({ ...one, id: `altered ${n}` }));
}
