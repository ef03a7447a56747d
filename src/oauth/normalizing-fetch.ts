import { type AnswerBody, answerBody } from './answer-body.ts';
import { lifetimeSeconds } from './lifetime.ts';
import { registeredCode } from './registered-code.ts';
import type { Send } from './transport.ts';

/**
 * A `fetch` for the token and revocation endpoints of servers that depart from RFC 6749 §5. Never use it for discovery
 * or keys. It changes successful answers only, keeps their headers, and leaves a conforming one as it is:
 *
 * | answer | becomes |
 * | --- | --- |
 * | 2xx with an `error` and no access token, the error being text or an object | 400 with the registered error code |
 * | a form, or JSON under another content type | JSON |
 * | 201 and other 2xx | 200 |
 * | no `token_type` | `Bearer` |
 * | `expires_in_sec` | `expires_in` (Zoho's older answers count `expires_in` in milliseconds then) |
 * | an `expires_in` that is no lifetime, see {@link lifetimeSeconds} | dropped |
 * | `null` or empty `refresh_token`, `id_token`, `scope` | dropped |
 * | `scope` as an array | one text, separated by spaces |
 *
 * @param tokenType replaces the `token_type` of the answer, see `Provider.tokenType`.
 */
export function normalizingFetch(send: Send, tokenType?: string): Send {
  return async (url, init) => {
    const response = await send(url, init);
    if (!response.ok) return response;
    const text = await response.text();
    const body = answerBody(text);
    if (body && isText(body.access_token)) return answer(200, normalized(body, tokenType), response);
    if (body?.error) return answer(400, { error: registeredCode(body.error) }, response);
    return new Response(text, { status: 200, headers: response.headers });
  };
}

function normalized(body: AnswerBody, tokenType: string | undefined): AnswerBody {
  const { expires_in_sec: seconds, expires_in: lifetime, scope: scopes, ...rest } = body;
  const scope = Array.isArray(scopes) ? scopes.join(' ') : scopes;
  const changed = {
    ...rest,
    token_type: tokenType ?? (isText(body.token_type) ? body.token_type : 'Bearer'),
    expires_in: lifetimeSeconds(seconds ?? lifetime),
    scope,
  };
  const optional = ['refresh_token', 'id_token', 'scope'];
  const isAbsent = ([name, value]: [string, unknown]) =>
    value === undefined || (optional.includes(name) && (value === null || value === ''));
  return Object.fromEntries(Object.entries(changed).filter((entry) => !isAbsent(entry)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function answer(status: number, body: AnswerBody, original: Response): Response {
  const headers = new Headers(original.headers);
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { status, headers });
}
