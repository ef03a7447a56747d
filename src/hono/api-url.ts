import { isPlainPath } from './is-plain-path.ts';

/**
 * The address of a path beneath the API's base address, or `undefined` when the path is not plain and might lead
 * elsewhere. The origin is always the base address's own, and the path always begins with its path.
 *
 * @param path from `URL.pathname`, beginning with a slash.
 * @param search from `URL.search`.
 */
export function apiUrl(api: string, path: string, search: string): URL | undefined {
  if (!isPlainPath(path)) return undefined;
  const url = new URL(api);
  url.pathname = url.pathname.replace(/\/+$/, '') + path; // a setter: unlike `new URL(path, api)` it cannot change the host
  url.search = search;
  return url;
}
