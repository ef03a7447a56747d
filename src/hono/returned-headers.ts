/** Headers that speak for a whole origin. The API may not speak for ours. */
const dropped = new Set([
  'alt-svc',
  'clear-site-data',
  'nel',
  'permissions-policy',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'speculation-rules',
  'strict-transport-security',
  'www-authenticate', // a browser would ask the user for a password, in our name
  'x-frame-options',
]);
const droppedPrefix = /^(?:access-control-|content-security-policy|cross-origin-)/;

/**
 * The headers of an API's answer that the page may see, with those that keep the answer data: a document that the API
 * sends must not run scripts in our origin when somebody navigates to it.
 */
export function returnedHeaders(headers: Headers): Headers {
  const returned = new Headers(headers);
  for (const name of headers.keys()) {
    if (dropped.has(name) || droppedPrefix.test(name)) returned.delete(name);
  }
  returned.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  returned.set('Cross-Origin-Resource-Policy', 'same-origin');
  returned.set('X-Content-Type-Options', 'nosniff');
  return returned;
}
