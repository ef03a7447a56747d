/** A table of a settings file, in which anything may stand. */
export type Table = { readonly [name: string]: unknown };

/** The value if it is a table, else an empty one. */
export function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}

/** The tables of a list of tables; nothing when it is none. */
export function tablesOf(value: unknown): readonly Table[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
