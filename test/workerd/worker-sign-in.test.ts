import { describe, expect, test } from 'vitest';
import type { TestBrowser } from '../support/test-browser.ts';
import { backends, type EdgeSetup, issuer, origin, setUpEdge } from './edge-setup.ts';

const user = 'user-of-the-test';
const minute = 60_000;

/** Begins a sign-in and resolves with the address the browser is sent back to. */
async function begin({ server }: EdgeSetup, browser: TestBrowser, error?: string, query = ''): Promise<URL> {
  const login = await browser.fetch(`/auth/login${query}`);
  expect(login.status).toBe(302);
  return server.authorize(login.headers.get('Location') ?? '', error === undefined ? { user } : { user, error });
}

describe.each(Object.keys(backends) as ('D1' | 'KV')[])('signing in, with tokens in %s', (kept) => {
  test('leads to the server and back, keeps the token and starts a session', async () => {
    const edge = await setUpEdge({ kept });
    const browser = edge.newBrowser();

    const login = await browser.fetch('/auth/login?return_to=/inbox?page=2');
    const request = new URL(login.headers.get('Location') ?? '');
    expect(request.href).toMatch(/^https:\/\/login\.example\/authorize\?/);
    expect(Object.fromEntries(request.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'edge-client',
      redirect_uri: `${origin}/auth/callback`,
      scope: 'openid offline_access',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });

    const callback = await browser.navigate(edge.server.authorize(request, { user }).href);
    expect([callback.status, callback.headers.get('Location')]).toEqual([302, '/inbox?page=2']);

    const session = await browser.fetch('/auth/session');
    expect(session.status).toBe(200);
    expect(await session.json()).toEqual({
      signedIn: true,
      user,
      scope: 'openid offline_access',
      expiresAt: expect.any(Number),
      sessionExpiresAt: expect.any(Number),
    });
    const [token, ...others] = await edge.store.getTokens();
    expect(others).toEqual([]);
    expect(token).toMatchObject({ userName: user, issuer, clientId: 'edge-client', tokenType: 'Bearer' });
    expect(edge.server.userOf(token?.accessToken ?? '')).toBe(user);
    expect(edge.server.requests).toEqual(['POST /token authorization_code']);
  });

  test('again as the same user updates the one token', async () => {
    const edge = await setUpEdge({ kept });
    const first = await edge.signedIn();
    const second = await edge.signedIn();
    expect(await edge.store.getTokens()).toHaveLength(1);
    for (const browser of [first, second]) {
      expect(await (await browser.fetch('/auth/session')).json()).toMatchObject({ signedIn: true });
    }
  });

  test('as another user in the same browser leaves the first user’s token alone', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn('user-one');
    const login = await browser.fetch('/auth/login');
    await browser.navigate(edge.server.authorize(login.headers.get('Location') ?? '', { user: 'user-two' }).href);
    expect(await (await browser.fetch('/auth/session')).json()).toMatchObject({ user: 'user-two' });
    expect((await edge.store.getTokens()).map(({ userName }) => userName).sort()).toEqual(['user-one', 'user-two']);
  });

  test('works in two tabs at once, in either order', async () => {
    const edge = await setUpEdge({ kept });
    const browser = edge.newBrowser();
    const [first, second] = [await begin(edge, browser), await begin(edge, browser)];
    expect((await browser.navigate(second.href)).status).toBe(302);
    expect((await browser.navigate(first.href)).status).toBe(302);
    expect(browser.cookies.size).toBe(1);
  });

  test('happens once: a copy of the cookie does not repeat it', async () => {
    const edge = await setUpEdge({ kept });
    const browser = edge.newBrowser();
    const back = await begin(edge, browser);
    const thief = edge.newBrowser();
    const { name, value } = browser.cookie('__Host-tokenkeep-login-');
    thief.plant(name, value);

    expect((await browser.navigate(back.href)).status).toBe(302);
    const replay = await thief.navigate(back.href);
    expect(replay.status).toBe(400);
    expect(await replay.text()).toContain('Sign in again');
    expect(thief.cookies.size).toBe(0);
    expect(edge.server.reuses).toBe(0);
  });
});

describe('the cookies', () => {
  test('of a sign-in travel with the way back, and with it alone', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    await begin(edge, browser);
    const { name, attributes } = browser.cookie('__Host-');
    expect(name).toMatch(/^__Host-tokenkeep-login-[\w-]{12}$/);
    expect(attributes).toEqual(['httponly', 'max-age=600', 'path=/', 'samesite=lax', 'secure']);
  });

  test('of a session travel with nothing that another site begins', async () => {
    const browser = await (await setUpEdge()).signedIn();
    const { name, attributes } = browser.cookie('__Host-');
    expect(name).toBe('__Host-tokenkeep-session');
    expect(attributes).toEqual(['httponly', 'max-age=2592000', 'path=/', 'samesite=strict', 'secure']);
  });

  test('of a sign-in hold nothing readable, and differ each time', async () => {
    const edge = await setUpEdge();
    const [one, other] = [edge.newBrowser(), edge.newBrowser()];
    const state = (await begin(edge, one)).searchParams.get('state') ?? '';
    await begin(edge, other);
    const { name, value } = one.cookie('__Host-');
    expect(value).toMatch(/^[\w-]+$/);
    expect(atob(value.replaceAll('-', '+').replaceAll('_', '/'))).not.toContain('redirect');
    expect(name).not.toContain(state.slice(0, 6));
    expect(value).not.toBe(other.cookie('__Host-').value);
  });

  test('of sign-ins that nobody finished give way, the oldest first', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const backs: URL[] = [];
    for (let i = 0; i < 7; i++) backs.push(await begin(edge, browser));
    expect(browser.cookies.size).toBe(4);
    expect((await browser.navigate((backs[3] as URL).href)).status).toBe(302);
    expect((await browser.navigate((backs[0] as URL).href)).status).toBe(400);
  });

  test('stay below four kilobytes even with the longest way to return to', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    await begin(edge, browser, undefined, `?return_to=/${'a'.repeat(511)}`);
    const { name, value } = browser.cookie('__Host-');
    expect(name.length + value.length).toBeLessThan(2000);
    expect(await browser.fetch('/auth/session')).toMatchObject({ status: 200 });
  });
});

describe('a callback', () => {
  const swap = (back: URL, change: Record<string, string | undefined>): string => {
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) back.searchParams.delete(name);
      else back.searchParams.set(name, value);
    }
    return back.href;
  };

  test.each<[string, number, (back: URL, edge: EdgeSetup) => string]>([
    ['with a wrong state', 400, (back) => swap(back, { state: 'x'.repeat(43) })],
    ['with an empty state', 400, (back) => swap(back, { state: '' })],
    ['without a state', 400, (back) => swap(back, { state: undefined })],
    ['with two states', 400, (back) => `${back.href}&state=another`],
    ['with the issuer of another server', 400, (back) => swap(back, { iss: 'https://evil.example' })],
    ['without an issuer, from a server that always names it', 400, (back) => swap(back, { iss: undefined })],
    ['without a code', 400, (back) => swap(back, { code: undefined })],
    ['with two codes', 400, (back) => `${back.href}&code=another`],
    ['with a code that the server refuses', 401, (back) => swap(back, { code: 'sentinel-code-of-nobody' })],
    [
      'that comes after ten minutes',
      400,
      (back, { wait }) => {
        wait(10 * minute);
        return back.href;
      },
    ],
    [
      'while the server cannot be reached',
      502,
      (back, { server }) => {
        server.down = true;
        return back.href;
      },
    ],
  ])('%s keeps no token, ends the sign-in and says what to do', async (_, status, alter) => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const back = await begin(edge, browser);
    const honest = back.href;
    const cookie = browser.cookie('__Host-tokenkeep-login-');

    const callback = await browser.navigate(alter(back, edge));
    const page = await callback.text();
    expect(callback.status).toBe(status);
    expect(callback.headers.get('Content-Type')).toMatch(/^text\/html/);
    expect(callback.headers.get('Cache-Control')).toBe('no-store');
    expect(callback.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'/);
    expect(page).toContain('<a href="./login">Sign in again</a>');
    for (const [, secret] of new URL(honest).searchParams) expect(page).not.toContain(secret);
    for (const secret of edge.server.secrets) expect(page).not.toContain(secret);
    expect(browser.cookies.size).toBe(0);
    expect(await edge.store.getTokens()).toEqual([]);

    // the sign-in is over: neither its cookie nor the true callback brings it back
    edge.server.down = false;
    browser.plant(cookie.name, cookie.value);
    expect((await browser.navigate(honest)).status).toBe(400);
    expect(await edge.store.getTokens()).toEqual([]);
  });

  test.each(['access_denied', 'login_required', 'invalid_scope'])(
    'in which the server refuses with %s is 401',
    async (error) => {
      const edge = await setUpEdge();
      const browser = edge.newBrowser();
      const callback = await browser.navigate((await begin(edge, browser, error)).href);
      expect(callback.status).toBe(401);
      expect(await callback.text()).toContain(error);
      expect(browser.cookies.size).toBe(0);
      expect(edge.server.requests).toEqual([]);
    },
  );

  test('shows nothing of an error that a server or a stranger made up', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const back = await begin(edge, browser, '<script>alert(1)</script>');
    const callback = await browser.navigate(`${back.href}&error_description=${encodeURIComponent('<b>call 0800</b>')}`);
    const page = await callback.text();
    expect(callback.status).toBe(400);
    expect(page).not.toMatch(/alert|0800|<script|<b>/);
  });

  test('that nobody here asked for is refused, and calls nobody', async () => {
    const edge = await setUpEdge();
    const [browser, stranger] = [edge.newBrowser(), edge.newBrowser()];
    const back = await begin(edge, stranger);
    expect((await browser.navigate(back.href)).status).toBe(400);
    expect(edge.server.requests).toEqual([]);
    // login CSRF: somebody else's callback, in a browser with a sign-in of its own
    await begin(edge, browser);
    expect((await browser.navigate(back.href)).status).toBe(400);
    expect(browser.cookies.size).toBe(0);
    expect(edge.server.requests).toEqual([]);
    // the stranger himself is not disturbed
    expect((await stranger.navigate(back.href)).status).toBe(302);
  });

  test.each<[string, (cookie: string) => string]>([
    ['empty', () => ''],
    ['garbage', () => 'garbage'],
    ['not base64url', () => '%00%ff{}'],
    ['cut short', (cookie) => cookie.slice(0, -24)],
    ['altered', (cookie) => `${cookie.slice(0, 200)}${cookie[200] === 'A' ? 'B' : 'A'}${cookie.slice(201)}`],
    ['very long', () => 'A'.repeat(6000)],
  ])('with a login cookie that is %s is refused like one without', async (_, alter) => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const back = await begin(edge, browser);
    const { name, value } = browser.cookie('__Host-tokenkeep-login-');
    browser.plant(name, alter(value));
    expect((await browser.navigate(back.href)).status).toBe(400);
    expect(browser.cookies.size).toBe(0);
  });

  test('does not take one sign-in’s cookie for another’s, nor a session’s, and uses up neither', async () => {
    const edge = await setUpEdge();
    const session = (await edge.signedIn()).cookie('__Host-tokenkeep-session').value;
    const other = edge.newBrowser();
    const back = await begin(edge, other);
    for (const foreign of [session, other.cookie('__Host-tokenkeep-login-').value]) {
      const victim = edge.newBrowser();
      const backToVictim = await begin(edge, victim);
      victim.plant(victim.cookie('__Host-tokenkeep-login-').name, foreign);
      expect((await victim.navigate(backToVictim.href)).status).toBe(400);
    }
    expect((await other.navigate(back.href)).status).toBe(302);
  });

  test('starts a new session whatever session was there before', async () => {
    const edge = await setUpEdge();
    const attacker = await edge.signedIn('attacker');
    const planted = attacker.cookie('__Host-tokenkeep-session').value;
    const victim = edge.newBrowser();
    victim.plant('__Host-tokenkeep-session', planted);
    await victim.navigate((await begin(edge, victim)).href);
    expect(victim.cookie('__Host-tokenkeep-session').value).not.toBe(planted);
    expect(await (await victim.fetch('/auth/session')).json()).toMatchObject({ user });
    // nobody else's session is left under the cookie that was planted
    expect(await (await attacker.fetch('/auth/session')).json()).toEqual({ signedIn: false });
  });

  test('is finished even when the browser has gone', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const back = await begin(edge, browser);
    edge.left.length = 0;
    const answer = browser.navigate(back.href);
    expect(edge.left).toHaveLength(1);
    await edge.left[0];
    expect(await edge.store.getTokens()).toHaveLength(1);
    await answer;
  });
});

describe('the way to return to', () => {
  test.each([
    '//evil.example',
    '/\\evil.example',
    '/%09/evil.example',
    '%2F%2Fevil.example',
    '/%252F%252Fevil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    'https://evil.example/',
    '/\r\nSet-Cookie: a=b',
  ])('is the start page instead of %j', async (wish) => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const back = await begin(edge, browser, undefined, `?return_to=${encodeURIComponent(wish)}`);
    const location = (await browser.navigate(back.href)).headers.get('Location');
    expect(location).toBe('/');
  });

  test('is the first one when two are given', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    const back = await begin(edge, browser, undefined, '?return_to=/inbox&return_to=https://evil.example');
    expect((await browser.navigate(back.href)).headers.get('Location')).toBe('/inbox');
  });
});
