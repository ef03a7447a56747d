import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource } from '../../src/manager/token-source.ts';
import { oauthRenewal } from '../../src/oauth/oauth-renewal.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { type ServerError, serverErrors } from '../support/server-error.ts';
import { StrictAuthorizationServer, type StrictServerOptions } from '../support/strict-authorization-server.ts';
import { testKeyring } from '../support/test-keyring.ts';

const issuer = 'https://login.example';
const client = { clientId: 'app', redirectUrl: 'https://app.example/cb', scope: [] };
const minute = 60_000;
const hour = 60 * minute;
let time: number;
let server: StrictAuthorizationServer;
let source: TokenSource;
const now = (): number => time;

/** A source of a token that expired a moment ago, and its server. */
async function setUp(options: Partial<StrictServerOptions> = {}): Promise<void> {
  time = 1_795_000_000_000;
  server = new StrictAuthorizationServer({ issuer, client, now, ...options });
  const store = new EncryptedTokenStore({ backend: memoryBackend({ now }), keyring: await testKeyring() });
  const query = { userName: 'ann', issuer, clientId: client.clientId };
  await store.saveToken({ ...query, ...server.signIn('ann'), obtainedAt: time, expiresAt: time + hour });
  time += hour;
  const renewal = oauthRenewal({ ...client, provider: { issuer } }, { fetch: server.fetch, now });
  source = createTokenSource({ store, query, ...renewal, now });
}

beforeEach(() => setUp());

const served = async (): Promise<void> => {
  expect(server.userOf((await source.getToken()).accessToken)).toBe('ann');
};
const failure = (): Promise<TokenkeepError> =>
  source.getToken().then(Promise.reject, (error: unknown) => error as never);
const calls = (): readonly string[] => server.ledger.calls.map(({ outcome, ordinal }) => `${ordinal} ${outcome}`);

describe('a server that answers', () => {
  test.each<[ServerError, object]>([
    ['busy-seconds', { code: 'E_UNAVAILABLE', inDoubt: false, oauthError: 'temporarily_unavailable' }],
    ['busy-date', { code: 'E_UNAVAILABLE', inDoubt: false, oauthError: 'temporarily_unavailable' }],
    ['busy', { code: 'E_UNAVAILABLE', inDoubt: false, oauthError: 'temporarily_unavailable' }],
    ['unavailable', { code: 'E_UNAVAILABLE', inDoubt: false, oauthError: 'temporarily_unavailable' }],
    ['failed', { code: 'E_UNAVAILABLE', inDoubt: false, oauthError: 'server_error' }],
    ['bad-gateway', { code: 'E_UNAVAILABLE', inDoubt: true, oauthError: 'server_error' }],
    ['broken', { code: 'E_UNAVAILABLE', inDoubt: true, oauthError: 'server_error' }],
    ['invalid_client', { code: 'E_CONFIG', oauthError: 'invalid_client' }],
    ['unauthorized_client', { code: 'E_CONFIG', oauthError: 'unauthorized_client' }],
  ])('%s without having acted costs nobody the session', async (error, expected) => {
    server.disturb = () => ({ instead: serverErrors[error](time) });
    expect(await failure()).toMatchObject(expected);
    server.disturb = () => undefined;
    time += minute;
    await served();
    expect(calls()).toEqual(['1 undecided', '1 renewed']);
  });

  test.each<ServerError>(['busy-seconds', 'busy-date'])(
    '%s is not asked again before the time it names',
    async (error) => {
      server.disturb = () => ({ instead: serverErrors[error](time) });
      expect((await failure()).retryAfterMs).toBeGreaterThanOrEqual(6000);
      time += 6000;
      expect(await failure()).toMatchObject({ code: 'E_UNAVAILABLE' });
      expect(calls()).toEqual(['1 undecided']);
    },
  );

  test('invalid_grant ends the session, once and for all', async () => {
    server.disturb = () => ({ instead: serverErrors.invalid_grant() });
    expect(await failure()).toMatchObject({ code: 'E_REAUTH', reason: 'refused' });
    server.disturb = () => undefined;
    time += hour;
    expect(await failure()).toMatchObject({ code: 'E_REAUTH', reason: 'refused' });
    expect(calls()).toEqual(['1 undecided']);
  });
});

describe('a server whose answer is lost', () => {
  const lose = async (options: Partial<StrictServerOptions>): Promise<void> => {
    await setUp(options);
    server.disturb = () => ({ instead: 'disconnect', acts: true });
    expect(await failure()).toMatchObject({ code: 'E_UNAVAILABLE', inDoubt: true });
    server.disturb = () => undefined;
    time += minute;
  };

  test('gets the refresh token once more, and never again when it takes that for a theft', async () => {
    await lose({});
    expect(await failure()).toMatchObject({ code: 'E_REAUTH', reason: 'interrupted' });
    expect(await failure()).toMatchObject({ code: 'E_REAUTH', reason: 'interrupted' });
    expect(calls()).toEqual(['1 renewed', '1 reused']);
    expect([server.reuses, server.isGranted('ann')]).toEqual([1, false]);
  });

  test('saves the session when it honours a replaced refresh token once more', async () => {
    await lose({ graces: 1 });
    await served();
    time += hour;
    await served();
    expect(calls()).toEqual(['1 renewed', '1 honoured-again', '3 renewed']);
  });

  test('saves the session when it does not rotate refresh tokens', async () => {
    await lose({ rotation: 'none' });
    await served();
    time += hour;
    await served();
    expect(calls()).toEqual(['1 renewed', '1 renewed', '1 renewed']);
  });
});

describe('a server that says of the lifetime', () => {
  test.each<[string, unknown, number | undefined]>([
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a word', 'soon', undefined],
    ['that it is over', -1, undefined],
    ['a thousand years', 1000 * 365 * 86_400, undefined],
    ['a number as text', '120', 2 * minute],
    ['that there is none', 0, 0],
  ])('%s gets one renewal', async (_, expiresIn, life) => {
    server.expiresIn = expiresIn;
    const { expiresAt, accessToken } = await source.getToken();
    expect(expiresAt).toBe(life === undefined ? undefined : time + life);
    expect(server.userOf(accessToken)).toBe('ann');
    expect(calls()).toEqual(['1 renewed']);
    expect(server.isGranted('ann')).toBe(true);
  });

  test('nothing is not asked again until an API refuses the token', async () => {
    server.expiresIn = undefined;
    await source.getToken();
    time += 30 * 24 * hour;
    expect(await source.getToken()).toMatchObject({ outcome: 'fresh' });
    expect(await source.getToken({ forceRefresh: true })).toMatchObject({ outcome: 'refreshed' });
  });
});
