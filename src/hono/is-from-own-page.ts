/**
 * Whether a request comes from one of our own pages. The browser says so in `Sec-Fetch-Site`, which no page can forge
 * (Fetch Metadata §2.1); without that header, `Origin` has to be ours. A safe method (RFC 9110 §9.2.1) may also be the
 * user's own doing (an address typed in) or come from something that is not a browser.
 *
 * Hono's `csrf()` does not do for this: it looks only at requests with the content types of forms, and lets every other
 * one pass. A `text/plain` body that claims to be JSON, or none at all, would be enough to sign somebody out.
 *
 * @param origin our own origin.
 */
export function isFromOwnPage(method: string, headers: Headers, origin: string): boolean {
  const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null) return site === 'same-origin' || (safe && site === 'none');
  const from = headers.get('Origin');
  return from === null ? safe : from === origin;
}
