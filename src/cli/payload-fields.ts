import type { Json } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { ownerOf } from '../store/partition.ts';

/** A field of what is sealed, without its value. */
export interface RedactedField {
  readonly field: string;
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'object' | 'null';
  /** Characters of a text, entries of a list or an object. */
  readonly length?: number;
}

/** What is sealed, as fields with names. */
function fieldsOf(partition: string, payload: Json): readonly (readonly [field: string, value: Json])[] {
  if (ownerOf(partition).collection === 'tokens' && Array.isArray(payload)) {
    return [...Object.entries(Object(payload[0]) as object), ['replaced', payload[1] ?? null]];
  }
  return Object.entries(Object(payload) as object);
}

/** Says of each field that it is there and how long it is, and nothing of its value. */
export function redactedFields(partition: string, payload: Json): readonly RedactedField[] {
  return fieldsOf(partition, payload).map(([field, value]) => {
    if (typeof value === 'string') return { field, type: 'text', length: value.length };
    if (Array.isArray(value)) return { field, type: 'list', length: value.length };
    if (value === null) return { field, type: 'null' };
    if (typeof value === 'object') return { field, type: 'object', length: Object.keys(value).length };
    return { field, type: typeof value as 'number' | 'boolean' };
  });
}

/**
 * The value of one field.
 *
 * @throws `E_INPUT` when there is none of that name.
 */
export function revealedField(partition: string, payload: Json, name: string): Json {
  const found = fieldsOf(partition, payload).find(([field]) => field === name);
  if (found !== undefined) return found[1];
  throw new TokenkeepError('E_INPUT', 'the record has no field of that name; --decrypt lists those that it has');
}
