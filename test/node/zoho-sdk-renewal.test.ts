import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { zohoClient } from '../../src/integrations/zoho/index.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import type { SdkChildSettings } from '../support/zoho-sdk/sdk-child.ts';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';
import { sdkRig } from '../support/zoho-sdk/sdk-rig.ts';
import { startZohoServer } from '../support/zoho-server.ts';

const hour = 3_600_000;

/** The SDK over a store whose tokens a client renews. */
async function renewedRig() {
  const rig = await sdkRig();
  const { zoho, store } = rig;
  const now = (): number => Date.now();
  const client = zohoClient({ store, dataCenter: zoho.dataCenter, findUser: true, ...zoho.client, now });
  const own = rig.own({ client });
  return {
    ...rig,
    client,
    own,
    initialize: (start: Parameters<typeof rig.initialize>[0]) => rig.initialize(start, zoho, own),
  };
}

describe('The SDK over a store whose tokens a client renews', () => {
  test('S4: two calls after the expiry make one renewal, and so do ten', async () => {
    const { zoho, initialize, call, pass, sent } = await renewedRig();
    await initialize({ grant: zoho.grant(), findUser: false });
    for (const count of [2, 10]) {
      pass(hour);
      sent();
      const answers = await Promise.all(Array.from({ length: count }, call));
      expect(answers).toEqual(Array(count).fill(200));
      expect(sent().sort()).toEqual([...Array(count).fill('/crm/v8/org'), 'refresh']);
    }
  });

  test('S4: two processes with five calls each make one renewal', async () => {
    const zoho = await startZohoServer();
    onTestFinished(() => zoho.close());
    const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-zoho-sdk-'));
    const path = join(folder, 'tokens.db');
    const keyring = await generateKeyring();
    const backend = sqliteBackend(path);
    onTestFinished(async () => {
      await backend.close();
      rmSync(folder, { recursive: true });
    });
    const { clientId, clientSecret } = zoho.client as { clientId: string; clientSecret: string };
    const { dataCenter } = zoho;
    const store = new EncryptedTokenStore({ backend, keyring: importKeyring(keyring) });
    const { id } = await zohoClient({ store, dataCenter, clientId, clientSecret }).redeem(zoho.grant());
    await store.saveToken({ id, expiresAt: Date.now() - 1 });

    const settings: SdkChildSettings = { path, keyring, dataCenter, clientId, clientSecret, id };
    const script = fileURLToPath(new URL('../support/zoho-sdk/sdk-child.ts', import.meta.url));
    const children = [0, 1].map(() =>
      fork(script, [JSON.stringify(settings)], { execArgv: ['--disable-warning=ExperimentalWarning'] }),
    );
    onTestFinished(() => void children.map((child) => child.kill('SIGKILL')));
    expect(await Promise.all(children.map((child) => once(child, 'message')))).toEqual([
      ['ready', undefined],
      ['ready', undefined],
    ]);
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send('begin');
    for (const [answer] of await Promise.all(answers)) expect(answer).toEqual([200, 200, 200, 200, 200]);
    expect(zoho.requests.filter(({ form }) => form.grant_type === 'refresh_token')).toHaveLength(1);
    expect(await store.findTokenById(id)).toMatchObject({
      accessToken: zoho.tokens.accessTokens('ann@example.com').at(-1),
    });
  });

  test('gets no refresh token, no expiry and no secret to keep', async () => {
    const { zoho, initialize, own, store } = await renewedRig();
    const token = await initialize({ grant: zoho.grant() });
    const [stored] = await store.getTokens();
    expect(stored).toMatchObject({ id: token.getId(), userName: 'ann@example.com:60001' });
    expect(stored?.refreshToken).toMatch(/./);
    expect(stored).not.toHaveProperty('clientSecret');
    const found = await own.findTokenById(token.getId() as string);
    expect(found.getAccessToken()).toBe(stored?.accessToken);
    expect(found.getUserSignature()?.getName()).toBe('ann@example.com:60001');
    for (const nothing of [
      found.getRefreshToken(),
      found.getGrantToken(),
      found.getClientSecret(),
      found.getExpiresIn(),
    ]) {
      expect(nothing).toBeUndefined();
    }
  });

  test('keeps what the application changes of such a token, and still no secret', async () => {
    const { zoho, initialize, own, store, restart } = await renewedRig();
    const first = await initialize({ grant: zoho.grant(), user: 'ann' });
    const found = await own.findTokenById(first.getId() as string);
    found.setRedirectURL('https://app.example/callback');
    await own.saveToken(found);
    restart();
    const [stored] = await store.getTokens();
    await initialize({ refresh: stored?.refreshToken as string, user: 'ann' });
    expect(await store.getTokens()).toEqual([stored]);
    expect(stored).toMatchObject({ redirectUrl: 'https://app.example/callback', revision: 2 });
    expect(stored).not.toHaveProperty('clientSecret');
  });

  test('uses what the client stored, and the client uses what the SDK stored', async () => {
    const { zoho, initialize, client, call, pass, sent, restart } = await renewedRig();
    const { clientId } = zoho.client;
    await client.redeem(zoho.grant('ann'));
    await initialize({ user: 'ann@example.com:60001' });
    pass(hour);
    expect(await call()).toBe(200);
    restart();
    await initialize({ grant: zoho.grant('bob') });
    pass(hour);
    const issuer = zoho.dataCenter.accounts;
    const source = client.source({ userName: 'bob@example.com:60001', issuer, clientId });
    expect((await source.fetch('/crm/v8/Leads')).status).toBe(200);
    expect(sent().filter((what) => what === 'refresh')).toHaveLength(2);
    expect(await client.revoke({ userName: 'bob@example.com:60001' })).toBe('revoked');
    expect(await sdkFailure(call())).toMatch(/^E_REAUTH: /);
  });

  test('S17: loses no call when the user has to sign in again, and says so', async () => {
    const { zoho, initialize, call, pass, sent, restart } = await renewedRig();
    const first = await initialize({ grant: zoho.grant(), user: 'ann' });
    pass(hour);
    for (const refreshToken of zoho.tokens.refreshTokens('ann@example.com')) zoho.tokens.revoke(refreshToken);
    sent();
    for (const answer of [call(), call()]) {
      expect(await sdkFailure(answer, zoho.tokens.secrets)).toMatch(/^E_REAUTH: /);
    }
    expect(sent()).toEqual(['refresh']);
    restart();
    const again = await initialize({ grant: zoho.grant(), user: 'ann' });
    expect(await call()).toBe(200);
    expect(again.getId()).toBe(first.getId());
  });
});
