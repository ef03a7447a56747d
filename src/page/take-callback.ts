/** What an authorization server adds to the redirect URL (RFC 6749 §4.1.2, RFC 9207, OpenID Connect Session Management). */
const answers = ['code', 'state', 'iss', 'session_state', 'error', 'error_description', 'error_uri'];

/**
 * The page's address when it is the callback of a sign-in; the address bar and the history then no longer show it, so
 * that neither a reload nor another site's script or log sees the code.
 *
 * @returns `undefined` at any other address.
 */
export function takeCallback(redirectUrl: string): URL | undefined {
  const callback = new URL(location.href);
  const expected = new URL(redirectUrl);
  const { searchParams } = callback;
  const here = callback.origin === expected.origin && callback.pathname === expected.pathname;
  if (!here || !searchParams.has('state') || !(searchParams.has('code') || searchParams.has('error'))) return undefined;
  const clean = new URL(callback);
  for (const name of answers) clean.searchParams.delete(name);
  history.replaceState(history.state, '', clean);
  return callback;
}
