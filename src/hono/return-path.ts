import { isPlainPath } from './is-plain-path.ts';

const longest = 512; // it travels in a cookie, of which a browser may hold several

/**
 * Where to go after the sign-in: the wished path with its query and fragment, or `/` when the wish is missing, longer
 * than 512 characters, or anything but a plain path of this origin. Resolved against the origin, the result always has
 * that origin (RFC 9700 §4.11: no open redirector).
 */
export function returnPath(wish: string | undefined, origin: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop some of them, so that `/\t/host` is `//host`
  if (wish === undefined || wish.length > longest || !/^\/(?![/\\])[^\u0000-\u001f\u007f\\]*$/.test(wish)) return '/';
  const { pathname, search, hash } = new URL(wish, origin);
  const path = `${pathname}${search}${hash}`;
  // Looked at after parsing, because the parser makes `//host` of `/.//host`.
  return isPlainPath(pathname) && path.length <= longest ? path : '/';
}
