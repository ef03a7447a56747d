import { hexadecimal } from './hexadecimal.ts';

/** One way a text can appear in stored bytes. */
export interface TextForm {
  readonly form: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes to look for when asking whether a text is stored readably: UTF-8, UTF-16, hexadecimal, and base64 at all
 * three alignments in both alphabets.
 */
export function textForms(text: string): readonly TextForm[] {
  const utf8 = new TextEncoder().encode(text);
  const hex = hexadecimal(utf8);
  const forms = [
    { form: 'UTF-8', bytes: utf8 },
    { form: 'UTF-16', bytes: utf16(text, true) },
    { form: 'UTF-16', bytes: utf16(text, false) },
    { form: 'hexadecimal', bytes: new TextEncoder().encode(hex) },
    { form: 'hexadecimal', bytes: new TextEncoder().encode(hex.toUpperCase()) },
  ];
  for (const alignment of [0, 1, 2]) {
    const base64 = innerBase64(utf8, alignment);
    // A shorter piece would be found by chance.
    if (base64.length < 4) continue;
    forms.push({ form: 'base64', bytes: new TextEncoder().encode(base64) });
    const base64url = base64.replaceAll('+', '-').replaceAll('/', '_');
    if (base64url !== base64) forms.push({ form: 'base64url', bytes: new TextEncoder().encode(base64url) });
  }
  return forms;
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
}

/** The base64 characters that depend on these bytes alone when they begin at this offset of a longer text. */
function innerBase64(bytes: Uint8Array, alignment: number): string {
  const padded = new Uint8Array(alignment + bytes.length);
  padded.set(bytes, alignment);
  const base64 = btoa(String.fromCharCode(...padded)).replaceAll('=', '');
  const first = Math.ceil((alignment * 8) / 6);
  return base64.slice(first, Math.floor((padded.length * 8) / 6));
}
