/**
 * Every way in which a token endpoint answers without a token. All but `broken` and `failed`, `bad-gateway` say for certain
 * that the refresh token was not looked at, or that it is worth nothing.
 */
export const serverErrors = {
  'busy-seconds': () => answer(429, { error: 'slow_down' }, { 'Retry-After': '7' }),
  'busy-date': (now: number) => answer(429, {}, { 'Retry-After': new Date(now + 7000).toUTCString() }),
  busy: () => answer(429, {}),
  failed: () => answer(500, { error: 'invalid_grant' }),
  'bad-gateway': () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } }),
  unavailable: () => answer(503, {}, { 'Retry-After': '5' }),
  invalid_client: () => answer(401, { error: 'invalid_client' }),
  unauthorized_client: () => answer(400, { error: 'unauthorized_client' }),
  invalid_grant: () => answer(400, { error: 'invalid_grant' }),
  broken: () => new Response('{"access_token":"', { status: 200, headers: { 'Content-Type': 'application/json' } }),
} as const satisfies { readonly [name: string]: (now: number) => Response };

/** The name of one of {@link serverErrors}. */
export type ServerError = keyof typeof serverErrors;

function answer(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } });
}
