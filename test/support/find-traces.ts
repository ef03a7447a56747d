const encoder = new TextEncoder();

/** UTF-16 of a text, the less or the more significant byte first. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian);
  return bytes;
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/**
 * The base64 digits that must appear wherever the bytes stand inside something longer that was encoded as a whole: for each
 * of the three alignments, without the digits that also depend on the neighbours.
 */
const base64Cores = (bytes: Uint8Array): readonly string[] =>
  [0, 1, 2].map((shift) => {
    const padded = new Uint8Array(shift + bytes.length);
    padded.set(bytes, shift);
    const digits = base64(padded).replaceAll('=', '');
    return digits.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3));
  });

/** Every form in which a text could lie in stored bytes, by name. */
function formsOf(text: string): readonly (readonly [form: string, bytes: Uint8Array])[] {
  const utf8 = encoder.encode(text);
  const cores = base64Cores(utf8);
  return [
    ['utf-8', utf8],
    ['utf-16le', utf16(text, true)],
    ['utf-16be', utf16(text, false)],
    ['hex', encoder.encode(hex(utf8))],
    ['HEX', encoder.encode(hex(utf8).toUpperCase())],
    ...cores.map((core, shift) => [`base64+${shift}`, encoder.encode(core)] as const),
    ...cores.map(
      (core, shift) => [`base64url+${shift}`, encoder.encode(core.replaceAll('+', '-').replaceAll('/', '_'))] as const,
    ),
  ];
}

function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = bytes.indexOf(part[0] as number); at >= 0; at = bytes.indexOf(part[0] as number, at + 1)) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

/**
 * Where any of the texts lies in the bytes, in UTF-8, UTF-16 of either byte order, hexadecimal digits, base64 and base64url
 * at all three alignments. A text must be long enough not to be met by chance.
 */
export function findTraces(bytes: Uint8Array, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    if (text.length < 12) throw new Error('a text of less than twelve characters could be met by chance');
    return formsOf(text).flatMap(([form, part]) => (includes(bytes, part) ? [`${text} in ${form}`] : []));
  });
}
