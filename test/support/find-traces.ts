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

/** Every text that bytes could have been encoded as. */
function encodingsOf(bytes: Uint8Array): readonly (readonly [form: string, text: string])[] {
  const cores = base64Cores(bytes);
  return [
    ['hex', hex(bytes)],
    ['HEX', hex(bytes).toUpperCase()],
    ...cores.map((core, shift) => [`base64+${shift}`, core] as const),
    ...cores.map((core, shift) => [`base64url+${shift}`, core.replaceAll('+', '-').replaceAll('/', '_')] as const),
  ];
}

/** Every form in which a secret could lie in stored bytes, by name. */
function formsOf(secret: string | Uint8Array): readonly (readonly [form: string, bytes: Uint8Array])[] {
  const isText = typeof secret === 'string';
  const bytes = isText ? encoder.encode(secret) : secret;
  const encodings = encodingsOf(bytes);
  return [
    [isText ? 'utf-8' : 'bytes', bytes],
    ...(isText ? [['utf-16le', utf16(secret, true)] as const, ['utf-16be', utf16(secret, false)] as const] : []),
    ...encodings.map(([form, text]) => [form, encoder.encode(text)] as const),
    // bytes that were written down become a text, which browsers may store like any other
    ...(isText ? [] : encodings.map(([form, text]) => [`${form} in utf-16le`, utf16(text, true)] as const)),
  ];
}

/** Which of the parts are in the bytes. In one pass, by their first four bytes: parts are many, and files are long. */
function partsIn(bytes: Uint8Array, parts: readonly Uint8Array[]): ReadonlySet<Uint8Array> {
  const byStart = new Map<number, Uint8Array[]>();
  const isLikely = new Uint8Array(65_536); // far cheaper to ask than the map
  const placeOf = (start: number): number => Math.imul(start, 0x9e3779b1) >>> 16;
  for (const part of parts) {
    const start = new DataView(part.buffer, part.byteOffset).getInt32(0);
    byStart.set(start, [...(byStart.get(start) ?? []), part]);
    isLikely[placeOf(start)] = 1;
  }
  const found = new Set<Uint8Array>();
  let last = 0;
  for (let at = 0; at < bytes.length; at++) {
    last = (last << 8) | (bytes[at] as number);
    if (isLikely[placeOf(last)] === 0) continue;
    for (const part of byStart.get(last) ?? []) {
      if (part.every((byte, i) => bytes[at - 3 + i] === byte)) found.add(part);
    }
  }
  return found;
}

/**
 * Where any of the secrets lies in the bytes: as it is, in hexadecimal digits, and in base64 and base64url at all three
 * alignments; a text in UTF-16 of either byte order as well, and what bytes were written down as in UTF-16. A secret must be long
 * enough not to be met by chance.
 */
export function findTraces(bytes: Uint8Array, secrets: readonly (string | Uint8Array)[]): readonly string[] {
  const forms = secrets.flatMap((secret) => {
    if (secret.length < 12) throw new Error('a secret of less than twelve characters could be met by chance');
    const name = typeof secret === 'string' ? secret : hex(secret);
    return formsOf(secret).map(([form, part]) => ({ trace: `${name} in ${form}`, part }));
  });
  const found = partsIn(
    bytes,
    forms.map(({ part }) => part),
  );
  return forms.filter(({ part }) => found.has(part)).map(({ trace }) => trace);
}
