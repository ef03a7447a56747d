/**
 * Whether every server reads this URL path alike. Some undo percent escapes more than once, take a backslash for a
 * slash, or end a segment at a space, a semicolon or an escaped question mark; a path that would then mean another one
 * is not plain. An escaped slash alone is (`/projects/group%2Fname` is common). Neither is one with an overlong UTF-8
 * sequence, which careless decoders take for a dot or a slash (RFC 3629 §10).
 */
export function isPlainPath(path: string): boolean {
  if (/%(?![0-9a-f]{2})/i.test(path)) return false;
  let decoded = path;
  for (let round = 0; /%[0-7][0-9a-f]/i.test(decoded); round++) {
    if (round === 3) return false;
    decoded = decoded.replace(/%[0-7][0-9a-f]/gi, (escaped) =>
      String.fromCharCode(Number.parseInt(escaped.slice(1), 16)),
    );
  }
  return (
    decoded.startsWith('/') &&
    !decoded.startsWith('//') &&
    !/%(?:c[01]|e0%[89]|f0%8)/i.test(decoded) &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    !/[\u0000-\u001f\u007f\\]/.test(decoded) &&
    !/\/\.{1,2} *(?:[/;?#]|$)/.test(decoded)
  );
}
