import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizingFetch } from '../../src/oauth/normalizing-fetch.ts';
import { registeredCode } from '../../src/oauth/registered-code.ts';

async function normalize(status: number, body: string, headers: HeadersInit = {}, tokenType?: string) {
  const send = normalizingFetch(async () => new Response(body, { status, headers }), tokenType);
  const response = await send('https://server.example/token', {});
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function normalizeJson(body: unknown, tokenType?: string) {
  const { status, text } = await normalize(200, JSON.stringify(body), {}, tokenType);
  return { status, body: JSON.parse(text) };
}

const token = { access_token: 'at', token_type: 'Bearer' };
const text = fc.string({ minLength: 1, unit: 'binary' });
const conforming = fc.record(
  {
    access_token: text,
    token_type: fc.constantFrom('Bearer', 'bearer', 'DPoP'),
    expires_in: fc.nat(),
    refresh_token: text,
    scope: text,
    id_token: text,
    api_domain: fc.webUrl(),
    account: fc.dictionary(text, fc.jsonValue()),
  },
  { requiredKeys: ['access_token', 'token_type'] },
);

describe('The normalising fetch', () => {
  test('leaves a conforming answer and its headers as they are', async () => {
    await fc.assert(
      fc.asyncProperty(conforming, async (body) => {
        const headers = { 'content-type': 'application/json', 'dpop-nonce': 'n', 'cache-control': 'no-store' };
        const answer = await normalize(200, JSON.stringify(body), headers);
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.text)).toEqual(JSON.parse(JSON.stringify(body)));
        expect(Object.fromEntries(answer.headers)).toEqual(headers);
      }),
    );
  });

  test('changes nothing the second time', async () => {
    const oddity = fc.oneof(
      conforming,
      fc.dictionary(fc.constantFrom('access_token', 'error', 'scope', 'x'), fc.jsonValue()),
    );
    await fc.assert(
      fc.asyncProperty(oddity, async (body) => {
        const once = await normalize(200, JSON.stringify(body));
        const twice = await normalize(once.status, once.text);
        expect({ status: twice.status, text: twice.text }).toEqual({ status: once.status, text: once.text });
      }),
    );
  });

  test('answers whatever a server sends, and calls it either a success or a registered error', async () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.webQueryParameters(),
      fc.webQueryParameters().map((q) => `error=${q}`),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const answer = await normalize(200, body);
        if (answer.status === 200) return;
        expect(answer.status).toBe(400);
        const { error, ...rest } = JSON.parse(answer.text);
        expect(registeredCode(error)).toBe(error);
        expect(rest).toEqual({});
      }),
    );
  });

  test('passes every error status on untouched', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 300, max: 599 }).filter((s) => s !== 304),
        fc.string({ minLength: 1 }),
        async (status, body) => {
          const original = new Response(body, { status });
          const send = normalizingFetch(async () => original);
          expect(await send('https://server.example/token', {})).toBe(original);
        },
      ),
    );
  });

  test.for([
    ['error text', { error: 'invalid_grant', error_description: 'secret' }, 'invalid_grant'],
    ['Zoho', { error: 'invalid_code' }, 'invalid_grant'],
    ['Zoho, too many requests', { error: 'Access Denied', status: 'failure' }, 'temporarily_unavailable'],
    ['GitHub', { error: 'bad_verification_code' }, 'invalid_grant'],
    ['GitHub, wrong secret', { error: 'incorrect_client_credentials' }, 'invalid_client'],
    ['Slack', { ok: false, error: 'bad_client_secret' }, 'invalid_client'],
    ['an error object', { error: { code: 'invalid_scope', message: 'secret' } }, 'invalid_scope'],
    ['an error object without a known code', { error: { code: 190, type: 'OAuthException' } }, 'server_error'],
    ['an unknown error', { error: 'secret words of a server' }, 'server_error'],
    ['an error beside an empty access token', { access_token: '', error: 'invalid_grant' }, 'invalid_grant'],
  ] as const)('turns a refusal with status 200 into one with 400: %s', async ([, body, error]) => {
    expect(await normalizeJson(body)).toEqual({ status: 400, body: { error } });
  });

  test('keeps a token whose answer also has an empty error', async () => {
    expect(await normalizeJson({ ...token, error: null })).toMatchObject({ status: 200, body: token });
  });

  test.for([
    ['a missing token type', { access_token: 'at' }, token],
    ['an empty token type', { access_token: 'at', token_type: '' }, token],
    ['null and empty fields', { ...token, refresh_token: null, id_token: '', scope: null }, token],
    ['a list of scopes', { ...token, scope: ['a', 'b'] }, { ...token, scope: 'a b' }],
    ['a lifetime as text', { ...token, expires_in: '3600' }, { ...token, expires_in: 3600 }],
    [
      'milliseconds and seconds',
      { ...token, expires_in: 3_600_000, expires_in_sec: 3600 },
      { ...token, expires_in: 3600 },
    ],
    ['seconds alone', { ...token, expires_in_sec: '60' }, { ...token, expires_in: 60 }],
    ['a lifetime that is none', { ...token, expires_in: -1 }, token],
    ['a lifetime of null', { ...token, expires_in: null }, token],
  ] as const)('repairs %s', async ([, body, expected]) => {
    expect(await normalizeJson(body)).toEqual({ status: 200, body: expected });
  });

  test('puts the type the provider is known to want in place of the one the server names', async () => {
    expect((await normalizeJson(token, 'Zoho-oauthtoken')).body.token_type).toBe('Zoho-oauthtoken');
  });

  test('leaves an unknown token type for the caller to refuse', async () => {
    expect((await normalizeJson({ ...token, token_type: 'mac' })).body.token_type).toBe('mac');
  });

  test('reads forms, other content types and other successful statuses', async () => {
    const form = await normalize(200, 'access_token=at&token_type=bearer&scope=', { 'content-type': 'text/plain' });
    expect([form.status, JSON.parse(form.text)]).toEqual([200, { access_token: 'at', token_type: 'bearer' }]);
    expect(form.headers.get('content-type')).toBe('application/json');
    const refused = await normalize(200, 'error=bad_verification_code&error_description=x');
    expect([refused.status, JSON.parse(refused.text)]).toEqual([400, { error: 'invalid_grant' }]);
    const created = await normalize(201, JSON.stringify(token), { 'content-type': 'text/html' });
    expect([created.status, JSON.parse(created.text)]).toEqual([200, token]);
  });

  test.for(['', '[]', 'null', '"text"', '<!doctype html><a href="?a=b">', '{"access_token":'])(
    'leaves %j to the caller',
    async (body) => {
      expect(await normalize(200, body)).toMatchObject({ status: 200, text: body });
    },
  );
});
