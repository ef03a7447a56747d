import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { zohoClient } from '../../src/integrations/zoho/index.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { startZohoServer } from '../support/zoho-server.ts';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A data centre on this machine, and programs that share one database. */
async function start() {
  const zoho = await startZohoServer();
  ends.push(() => zoho.close());
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-zoho-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const keyring = await testKeyring();
  let later = 0;
  /** A program that starts now, with the clock that much later. */
  const program = () => {
    const backend = sqliteBackend(join(folder, 'tokens.db'));
    ends.push(() => backend.close());
    const store = new EncryptedTokenStore({ backend, keyring });
    const { dataCenter, client } = zoho;
    return zohoClient({
      store,
      dataCenter,
      ...client,
      scope: ['a.READ'],
      findUser: true,
      now: () => Date.now() + later,
    });
  };
  const pass = (ms: number): void => {
    later += ms;
  };
  return { zoho, program, pass };
}

describe('A client of Zoho over HTTP', () => {
  test('signs a user in as a browser does, and needs no sign-in after a restart', async () => {
    const { zoho, program, pass } = await start();
    const first = program();
    const { url, transaction } = await first.authorize();
    const redirect = await fetch(url, { redirect: 'manual' });
    const callback = new URL(redirect.headers.get('location') as string);
    expect(await first.complete(transaction, callback)).toMatchObject({ userName: 'ann@example.com:60001' });
    const before = zoho.requests.length;
    const user = { userName: 'ann@example.com:60001' };
    const response = await program().source(user).fetch('/crm/v8/Leads');
    expect(await response.json()).toMatchObject({ data: [{ Owner: { email: 'ann@example.com' } }] });
    expect(zoho.requests.slice(before).map(({ path }) => path)).toEqual(['/crm/v8/Leads']);
    pass(3_600_000);
    zoho.tokens.endAccessTokens();
    expect((await program().source(user).fetch('/crm/v8/Leads')).status).toBe(200);
    expect(await program().revoke(user)).toBe('revoked');
    expect(await first.revoke(user)).toBe('absent');
  });

  test('S4: ten programs that find an expired token make one renewal of it', async () => {
    const { zoho, program, pass } = await start();
    await program().redeem(zoho.grant('ann'), { userName: 'ann' });
    pass(3_600_000);
    const calls = Array.from({ length: 10 }, () => program().source({ userName: 'ann' }).fetch('/crm/v8/Leads'));
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
    expect(zoho.requests.filter(({ form }) => form.grant_type === 'refresh_token')).toHaveLength(1);
  });

  test('asks for no renewal where nobody listens, and keeps the token', async () => {
    const { zoho, program, pass } = await start();
    await program().redeem(zoho.grant('ann'), { userName: 'ann' });
    await zoho.close();
    const client = program();
    pass(3_600_000);
    const failure = { code: 'E_UNAVAILABLE', inDoubt: false };
    await expect(client.source({ userName: 'ann' }).getToken()).rejects.toMatchObject(failure);
    await expect(client.revoke({ userName: 'ann' })).rejects.toMatchObject({ code: 'E_NETWORK' });
    expect(await client.revoke({ userName: 'nobody' })).toBe('absent');
  });
});
