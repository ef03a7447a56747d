/**
 * A text of unknown origin, fit for a terminal: what would steer it, or reorder what stands beside it, is written as its code
 * point, and what would fill the screen is cut.
 */
export function printable(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return short.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`);
}

/** More than any id or partition that tokenkeep makes of reasonable names. */
const longest = 300;
