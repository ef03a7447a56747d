/**
 * What is the caller's or the edge's own business: credentials, where the page and the user are, and wishes to be read
 * as another method or path than the one that was checked.
 */
const kept = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'origin',
  'referer',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);
const keptPrefix = /^(?:access-control-|cf-|proxy-|sec-|x-forwarded-)/;

/** The headers of a page's request that the API may see. Hop-by-hop headers are left to `hono/proxy`. */
export function forwardedHeaders(headers: Headers): Headers {
  const forwarded = new Headers(headers);
  for (const name of headers.keys()) {
    if (kept.has(name) || keptPrefix.test(name)) forwarded.delete(name);
  }
  return forwarded;
}
