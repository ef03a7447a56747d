import { describe, expect, test } from 'vitest';
import { refusal } from '../../src/oauth/oauth-failure.ts';
import { registeredCode } from '../../src/oauth/registered-code.ts';
import { retryAfterMs } from '../../src/oauth/retry-after.ts';
import { serverTime } from '../../src/oauth/server-time.ts';

const now = Date.UTC(2026, 10, 23, 12);

describe('An answer with an error status', () => {
  const refused = (status: number, body: string, headers: HeadersInit = {}) =>
    refusal(new Response(body, { status, headers }), now);

  test.for([
    ['a registered error', 400, '{"error":"invalid_grant","error_description":"d"}', {}, 'invalid_grant'],
    ['an alias', 400, '{"error":"invalid_code"}', {}, 'invalid_grant'],
    ['a form', 400, 'error=invalid_scope', {}, 'invalid_scope'],
    ['an unknown error', 400, '{"error":"words"}', {}, 'server_error'],
    ['no readable body', 400, '<html>', {}, 'server_error'],
    ['a challenge with a body', 401, '{"error":"invalid_grant"}', { 'www-authenticate': 'Basic' }, 'invalid_grant'],
    ['a challenge alone', 401, '', { 'www-authenticate': 'Bearer realm="r", error="invalid_token"' }, 'invalid_token'],
    ['a challenge with a word of its own', 401, '', { 'www-authenticate': 'Bearer error="sentinel"' }, 'server_error'],
    ['a challenge without an error', 401, '', { 'www-authenticate': 'Basic realm="r"' }, 'invalid_client'],
    ['a busy server, whatever it says', 429, '{"error":"invalid_grant"}', {}, 'temporarily_unavailable'],
    ['a server under maintenance, whatever it says', 503, '{"error":"invalid_grant"}', {}, 'temporarily_unavailable'],
    ['a broken server, whatever it says', 500, '{"error":"invalid_grant"}', {}, 'server_error'],
    ['a redirect', 302, '', { location: 'https://elsewhere.example/' }, 'server_error'],
  ] as const)('becomes E_OAUTH with a registered code: %s', async ([, status, body, headers, oauthError]) => {
    const error = await refused(status, body, headers);
    expect(error).toMatchObject({ code: 'E_OAUTH', oauthError });
    expect(error.message).toContain(oauthError);
    expect(error.message).not.toContain('sentinel');
  });

  test('tells how long to wait when the server does, and nothing otherwise', async () => {
    expect((await refused(429, '', { 'retry-after': '7' })).retryAfterMs).toBe(7000);
    expect((await refused(429, '')).retryAfterMs).toBeUndefined();
  });

  test.for(['interaction_required', 'login_required', 'consent_required', 'account_selection_required'])(
    'keeps %s, which only the user can help',
    async (oauthError) => {
      expect(await refused(400, JSON.stringify({ error: oauthError }))).toMatchObject({ oauthError, inDoubt: false });
    },
  );

  test.for([302, 400, 401, 403, 404, 408, 429, 500, 501, 503, 521, 522, 530])(
    'says that nothing was done: HTTP %i of the server itself',
    async (status) => {
      expect((await refused(status, '')).inDoubt).toBe(false);
    },
  );

  test.for([502, 504, 520, 524])('leaves it in doubt what was done behind a gateway: HTTP %i', async (status) => {
    expect(await refused(status, '')).toMatchObject({ oauthError: 'server_error', inDoubt: true });
  });
});

describe('A registered code', () => {
  test.for([
    'constructor',
    '__proto__',
    'INVALID_GRANT',
    ' invalid_grant',
    '',
    42,
    null,
    undefined,
    {},
    [],
    { code: {} },
  ])('is not made of %j', (error) => {
    expect(registeredCode(error)).toBe('server_error');
  });
});

describe("The server's clock", () => {
  test.for([
    ['Mon, 23 Nov 2026 12:00:30 GMT', Date.UTC(2026, 10, 23, 12, 0, 30)],
    ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
    ['Fri, 31 Dec 9999 23:59:59 GMT', undefined],
    ['Mon, 23 Nov 2026 12:00:30 GMT, Mon, 23 Nov 2026 12:00:30 GMT', undefined],
    ['2026-11-23T12:00:30Z', undefined],
    ['Mon, 99 Nov 2026 12:00:30 GMT', undefined],
    ['1795435230000', undefined],
    ['', undefined],
  ] as const)('as the header Date: %j', ([value, time]) => {
    expect(serverTime(new Headers({ date: value }))).toBe(time);
  });

  test('is unknown without the header', () => {
    expect(serverTime(new Headers())).toBeUndefined();
  });
});

describe('Retry-After', () => {
  test.for([
    ['120', 120_000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Monday, 23-Nov-26 12:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['99999999999999999999', 86_400_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Mon, whenever', undefined],
    ['', undefined],
  ] as const)('of %j', ([value, ms]) => {
    expect(retryAfterMs(new Headers({ 'retry-after': value }), now)).toBe(ms);
  });

  test('as a date counts from the clock of the server that wrote it', () => {
    const date = 'Mon, 23 Nov 2026 09:00:00 GMT';
    const of = (value: string) => retryAfterMs(new Headers({ date, 'retry-after': value }), now);
    expect(of('Mon, 23 Nov 2026 09:00:30 GMT')).toBe(30_000);
    expect(of('30')).toBe(30_000);
    expect(of('Mon, 23 Nov 2026 08:00:00 GMT')).toBe(0);
  });
});
