import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import {
  type Application,
  application,
  callback,
  damage,
  departureOf,
  issuer,
  visit,
} from '../support/page-application.ts';
import { testKeyring } from '../support/test-keyring.ts';

const home = location.href;
let app: Application;
beforeEach(async () => {
  app = await application();
});
afterAll(() => visit(home));

describe('signing in', () => {
  test('saves the token, and shows the address again that the user was at', async () => {
    visit('/page-client-home?tab=1#part');
    await app.signIn('alice');
    expect(await app.client.token()).toMatchObject({ userName: 'alice', issuer, clientId: 'page', revision: 1 });
    expect(location.pathname + location.search + location.hash).toBe('/page-client-home?tab=1#part');
  });

  test('shows an address again whose path looks like another host', async () => {
    visit(`${location.origin}//evil.example/page`);
    await app.signIn('alice');
    expect(location.href).toBe(`${new URL(callback).origin}//evil.example/page`);
  });

  test('takes the code out of the address before anything else happens', async () => {
    const address = app.server.authorize(await departureOf(app), { user: 'alice' });
    address.searchParams.set('session_state', 'x');
    address.searchParams.set('kept', 'yes');
    visit(address);
    const completing = app.client.completeSignIn();
    expect(location.href).toBe(`${callback}?kept=yes`);
    await completing;
  });

  test('does nothing at an address that is no callback', async () => {
    visit(`${location.origin}/elsewhere?code=a&state=b`);
    expect(await app.client.completeSignIn()).toBeUndefined();
    visit(`${callback}?code=a`);
    expect(await app.client.completeSignIn()).toBeUndefined();
    expect(location.search).toBe('?code=a');
    expect(app.server.requests).toEqual([]);
  });

  test('lets two calls at the same time share one exchange', async () => {
    visit(app.server.authorize(await departureOf(app), { user: 'alice' }));
    const [first, second] = await Promise.all([app.client.completeSignIn(), app.client.completeSignIn()]);
    expect(first?.accessToken).toBeTruthy();
    expect(second).toEqual(first);
    expect(app.server.requests).toEqual(['POST /token authorization_code']);
  });

  test('refuses a callback with another state, and stores nothing', async () => {
    const address = app.server.authorize(await departureOf(app), { user: 'alice' });
    address.searchParams.set('state', 'x'.repeat(43));
    visit(address);
    await expectCode('E_CALLBACK', app.client.completeSignIn());
    expect(await app.store.getTokens()).toEqual([]);
    expect(location.search).toBe('');
  });

  test('refuses a callback that is used twice', async () => {
    const address = app.server.authorize(await departureOf(app), { user: 'alice' });
    visit(address);
    await app.client.completeSignIn();
    visit(address);
    await expectCode('E_CALLBACK', app.client.completeSignIn());
    expect(app.server.reuses).toBe(0);
    expect(await app.client.token()).toMatchObject({ userName: 'alice' });
  });

  test('keeps the callback of a sign-in while the store is locked, and completes it afterwards', async () => {
    const keyring = await testKeyring();
    let isLocked = true;
    const indexRoots: Keyring['indexRoots'] = () => {
      if (isLocked) throw new TokenkeepError('E_LOCKED', 'unlock it');
      return keyring.indexRoots();
    };
    const store = new EncryptedTokenStore({ backend: memoryBackend(), keyring: { ...keyring, indexRoots } });
    const address = app.server.authorize(await departureOf(app), { user: 'alice' });
    const client = app.another({ store });
    visit(address);
    await expectCode('E_LOCKED', client.completeSignIn());
    expect(location.href).toBe(address.href);
    expect(app.server.requests).toEqual([]);
    isLocked = false;
    expect(await client.completeSignIn()).toMatchObject({ userName: 'alice' });
    expect(location.search).toBe('');
  });

  test('refuses a callback after ten minutes', async () => {
    visit(app.server.authorize(await departureOf(app), { user: 'alice' }));
    app.wait(10 * 60_000 + 1);
    await expectCode('E_CALLBACK', app.client.completeSignIn());
    expect(app.server.requests).toEqual([]);
  });

  test('refuses the answer of another server, and consumes the sign-in', async () => {
    const address = app.server.authorize(await departureOf(app), { user: 'alice' });
    const forged = new URL(address);
    forged.searchParams.set('iss', 'https://evil.example');
    visit(forged);
    await expectCode('E_CALLBACK', app.client.completeSignIn());
    visit(address);
    await expectCode('E_CALLBACK', app.client.completeSignIn());
    expect(await app.store.getTokens()).toEqual([]);
  });

  test('says why the server refused', async () => {
    visit(app.server.authorize(await departureOf(app), { user: 'alice', error: 'access_denied' }));
    const error = await expectCode('E_CALLBACK', app.client.completeSignIn());
    expect(error.oauthError).toBe('access_denied');
    expect(location.search).toBe('');
  });

  test('as somebody else replaces the user before, and revokes that grant', async () => {
    await app.signIn('alice');
    await app.signIn('bob');
    expect(await app.store.getTokens()).toEqual([expect.objectContaining({ userName: 'bob' })]);
    expect(app.server.isGranted('alice')).toBe(false);
    expect(app.server.isGranted('bob')).toBe(true);
  });

  test('as the same user keeps the record and none of its old tokens', async () => {
    await app.signIn('alice');
    const before = await app.client.token();
    await app.signIn('alice');
    const after = await app.client.token();
    expect(after).toMatchObject({ id: before?.id, revision: 2 });
    expect(after?.refreshToken).not.toBe(before?.refreshToken);
  });

  test('leaves the tokens of other clients in the same store alone', async () => {
    await app.store.saveToken({
      userName: 'alice',
      issuer,
      clientId: 'another',
      accessToken: 'token-of-another-client',
    });
    await app.signIn('alice');
    await app.client.signOut();
    expect(await app.store.getTokens()).toEqual([expect.objectContaining({ clientId: 'another' })]);
  });

  test('is refused on a page of another origin than the redirect URL', async () => {
    const elsewhere = { provider: { issuer }, clientId: 'page', redirectUrl: 'https://other.example/', scope: [] };
    await expectCode('E_CONFIG', app.another({ client: elsewhere }).signIn());
  });

  test('works again after the stored record was damaged', async () => {
    await app.signIn('alice');
    await damage(app);
    await expectCode('E_AUTH', app.client.token());
    await app.signIn('alice');
    expect(await app.client.token()).toMatchObject({ userName: 'alice', revision: 1 });
  });
});
