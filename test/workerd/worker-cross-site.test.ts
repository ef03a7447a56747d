import { describe, expect, test } from 'vitest';
import { origin as own, setUpEdge } from './edge-setup.ts';
import { ours, strange } from './request-origins.ts';

const bodies: readonly (readonly [type: string, init: RequestInit])[] = [
  ['no body', {}],
  ['a form', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=b' }],
  ['plain text', { headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
  ['JSON', { headers: { 'Content-Type': 'application/json' }, body: '{}' }],
];

async function ask(path: string, method: string, headers: Record<string, string>, init: RequestInit = {}) {
  const edge = await setUpEdge();
  const { value } = (await edge.signedIn()).cookie('__Host-tokenkeep-session');
  const all = new Headers(init.headers);
  for (const [name, text] of Object.entries({ ...headers, Cookie: `__Host-tokenkeep-session=${value}` }))
    all.set(name, text);
  const response = await edge.app.request(`${own}${path}`, { ...init, method, headers: all });
  return { edge, response };
}

describe.each([
  ['/auth/token', 'POST'],
  ['/auth/logout', 'POST'],
  ['/api/things', 'POST'],
  ['/api/things', 'PUT'],
  ['/api/things', 'PATCH'],
  ['/api/things', 'DELETE'],
])('%s with %s', (path, method) => {
  test.each(strange)('from %s is 403 and changes nothing, whatever its body', async (_, headers) => {
    for (const [, body] of bodies) {
      const { edge, response } = await ask(path, method, headers, body);
      expect([response.status, await response.json()]).toMatchObject([403, { error: { code: 'E_CROSS_SITE' } }]);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect(response.headers.has('Set-Cookie')).toBe(false);
      expect([edge.api.calls, (await edge.store.getTokens()).length]).toEqual([0, 1]);
    }
  });

  test.each([
    ['nobody knows where', {}],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }],
  ])('from %s is 403', async (_, headers) => {
    expect((await ask(path, method, headers)).response.status).toBe(403);
  });

  test.each(ours)('from %s works', async (_, headers) => {
    for (const [, body] of bodies) expect((await ask(path, method, headers, body)).response.status).toBe(200);
  });
});

describe.each(['GET', 'HEAD', 'OPTIONS'])('/api/things with %s', (method) => {
  test.each(strange)('from %s is 403 and does not reach the API', async (_, headers) => {
    const { edge, response } = await ask('/api/things', method, headers);
    expect([response.status, edge.api.calls]).toEqual([403, 0]);
  });

  test.each([...ours, ['the address bar', { 'Sec-Fetch-Site': 'none' }], ['no browser', {}]] as const)(
    'from %s works',
    async (_, headers) => {
      expect((await ask('/api/things', method, headers)).response.status).toBe(200);
    },
  );
});

test('the session is shown to our own pages alone', async () => {
  for (const [, headers] of strange) expect((await ask('/auth/session', 'GET', headers)).response.status).toBe(403);
  for (const [, headers] of ours) expect((await ask('/auth/session', 'GET', headers)).response.status).toBe(200);
});

test.each(['/auth/login', '/auth/callback', '/auth/session'])('%s takes no POST', async (path) => {
  expect((await ask(path, 'POST', { 'Sec-Fetch-Site': 'same-origin' })).response.status).toBe(404);
});

test.each(['/auth/token', '/auth/logout'])('%s takes no GET, so that no image or link can use it', async (path) => {
  expect((await ask(path, 'GET', { 'Sec-Fetch-Site': 'none' })).response.status).toBe(404);
});

test('a sign-in may begin on another site: a link there leads to it', async () => {
  const { response } = await ask('/auth/login', 'GET', { 'Sec-Fetch-Site': 'cross-site' });
  expect(response.status).toBe(302);
});

test('our own origin is the configured one, where one is configured', async () => {
  const edge = await setUpEdge({ origin: 'https://public.example' });
  const login = await edge.app.request(`${own}/auth/login`);
  const request = new URL(login.headers.get('Location') ?? '');
  expect(request.searchParams.get('redirect_uri')).toBe('https://public.example/auth/callback');
  const from = async (origin: string) =>
    (await edge.app.request(`${own}/auth/logout`, { method: 'POST', headers: { Origin: origin } })).status;
  expect([await from('https://public.example'), await from(own)]).toEqual([200, 403]);
});
