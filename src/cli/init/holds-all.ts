/**
 * Whether settings still hold all that they held, with more beside it: every value of every table, and every list with its
 * entries in their places.
 */
export function holdsAll(after: unknown, before: unknown): boolean {
  if (before instanceof Date) return after instanceof Date && String(before) === String(after);
  if (Array.isArray(before)) {
    return Array.isArray(after) && before.every((value, place) => holdsAll(after[place], value));
  }
  if (typeof before !== 'object' || before === null) return Object.is(before, after);
  if (typeof after !== 'object' || after === null || Array.isArray(after)) return false;
  return Object.entries(before).every(
    ([name, value]) => Object.hasOwn(after, name) && holdsAll((after as Record<string, unknown>)[name], value),
  );
}
