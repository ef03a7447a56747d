import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { Refusal } from '../../src/hono/refusal.ts';
import { refuseWithPage } from '../../src/hono/refuse.ts';

async function pageOf(refusal: Refusal): Promise<string> {
  const app = new Hono().get('/auth/callback', (c) => refuseWithPage(c, refusal, './login'));
  const response = await app.request('/auth/callback');
  expect(response.status).toBe(refusal.status);
  expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  return response.text();
}

describe('the page that a refused sign-in ends on', () => {
  test.each([400, 401, 502] as const)('offers to sign in again after %i, which can help', async (status) => {
    const page = await pageOf({ status, code: 'E_CALLBACK', message: 'this took too long; sign in again' });
    expect(page).toContain('<h1>You are not signed in</h1>');
    expect(page).toContain('<p>This took too long; sign in again</p>');
    expect(page).toContain('<a href="./login">Sign in again</a> or <a href="/">go to the start page</a>');
  });

  test.each([500, 503] as const)(
    'says after %i that the fault is ours, and sends nobody in circles',
    async (status) => {
      const page = await pageOf({ status, code: 'E_KEYRING', message: 'the keyring is missing' });
      expect(page).toContain('<h1>Signing in does not work right now</h1>');
      expect(page).toContain('<a href="/">Go to the start page</a>');
      expect(page).not.toContain('./login');
    },
  );

  test('escapes what it says', async () => {
    const page = await pageOf({ status: 400, code: '<b>', message: '<script>alert(1)</script>' });
    expect(page).not.toMatch(/<script|<b>/);
  });
});
