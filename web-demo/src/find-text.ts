import type { StoredColumn } from './stored-record.ts';
import { textForms } from './text-forms.ts';

/** Where a text was found, and in which form. */
export interface TextHit {
  readonly column: string;
  readonly form: string;
}

/** Looks for a text, in every usual encoding, in everything that is stored of a record. */
export function findText(text: string, columns: readonly StoredColumn[]): readonly TextHit[] {
  const forms = textForms(text);
  return columns.flatMap(({ name, values }) => {
    const found = forms.find(({ bytes }) => values.some((value) => includes(bytesOf(value), bytes)));
    return found === undefined ? [] : [{ column: name, form: found.form }];
  });
}

function bytesOf(value: StoredColumn['values'][number]): Uint8Array {
  return value instanceof Uint8Array ? value : new TextEncoder().encode(String(value));
}

function includes(haystack: Uint8Array, needle: Uint8Array): boolean {
  for (let start = 0; start + needle.length <= haystack.length; start++) {
    let length = 0;
    while (length < needle.length && haystack[start + length] === needle[length]) length++;
    if (length === needle.length) return true;
  }
  return false;
}
