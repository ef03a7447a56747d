import { beforeEach, describe, expect, test } from 'vitest';
import { clients } from '../../scripts/local/clients.ts';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource } from '../../src/manager/token-source.ts';
import { oauthRenewal } from '../../src/oauth/index.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { api, callApi, clientOf, server, signIn } from './oauth-servers.ts';

const minute = 60_000;
const keyring = await testKeyring();
let backend: RecordBackend;
let late: number;
let counts: Readonly<typeof server.counts>;
/** What the network does with a renewal. */
let network: (send: () => Promise<Response>) => Promise<Response>;
const now = (): number => Date.now() + late;

beforeEach(async () => {
  late = 0;
  backend = memoryBackend({ now });
  network = (send) => send();
  await store().saveToken(await signIn(clientOf(clients.worker)));
  counts = { ...server.counts };
});

const store = (): EncryptedTokenStore => new EncryptedTokenStore({ backend, keyring });

/** A source as every isolate has one of its own, over the same database. */
function source(whenInDoubt: 'retry-once' | 'sign-in' = 'retry-once', userName = 'alice'): TokenSource {
  const client = clientOf(clients.worker, { provider: { issuer: server.issuer, whenInDoubt, apiOrigins: [api.url] } });
  const renewal = oauthRenewal(client, {
    now,
    fetch: (input, init) => (init?.method === 'POST' ? network(() => fetch(input, init)) : fetch(input, init)),
  });
  const query = { userName, issuer: server.issuer, clientId: client.clientId };
  return createTokenSource({ store: store(), query, ...renewal, now });
}

/** What the server counted since the test began. */
function counted(): Partial<typeof counts> {
  const { refreshes, refusals, revocations, revokedGrants } = server.counts;
  return {
    refreshes: refreshes - counts.refreshes,
    refusals: refusals - counts.refusals,
    revocations: revocations - counts.revocations,
    revokedGrants: revokedGrants - counts.revokedGrants,
  };
}

const once = { refreshes: 1, refusals: 0, revocations: 0, revokedGrants: 0 };
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'served',
    ({ code, reason }: TokenkeepError) => [code, reason],
  );

describe('with a real authorization server that rotates refresh tokens', () => {
  test('forty callers of four sources cost one renewal, and the API takes the token of each', async () => {
    late = 6 * minute;
    const sources = [source(), source(), source(), source()];
    const tokens = await Promise.all(Array.from({ length: 40 }, (_, n) => (sources[n % 4] as TokenSource).getToken()));
    const [accessToken, ...others] = new Set(tokens.map((token) => token.accessToken));
    expect(others).toEqual([]);
    expect(await callApi({ accessToken: accessToken as string, tokenType: 'Bearer' })).toMatchObject({
      status: 200,
      body: { name: 'alice' },
    });
    expect(counted()).toEqual(once);
  });

  test('renewal follows renewal, ten times, and no refresh token comes twice', async () => {
    for (let round = 1; round <= 10; round++) {
      const tokens = await Promise.all(Array.from({ length: 8 }, () => source().getToken({ forceRefresh: true })));
      expect(new Set(tokens.map(({ revision }) => revision))).toEqual(new Set([round + 1]));
    }
    expect(counted()).toEqual({ ...once, refreshes: 10 });
  });

  test('a 401 of the API renews once for all who were refused, and each gets its answer', async () => {
    late = 10_000;
    server.forgetAccessTokens();
    const answers = await Promise.all(Array.from({ length: 8 }, () => source().fetch(`${api.url}/me`)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(counted()).toEqual(once);
  });

  test('two users are renewed beside each other', async () => {
    await store().saveToken(await signIn(clientOf(clients.worker), 'bob'));
    late = 6 * minute;
    const { promise: held, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: gate, resolve: release } = Promise.withResolvers<void>();
    network = async (send) => {
      const answer = await send();
      arrive();
      await gate;
      return answer;
    };
    const alice = source().getToken();
    await held;
    network = (send) => send();
    expect(await source('retry-once', 'bob').getToken()).toMatchObject({ userName: 'bob', outcome: 'refreshed' });
    release();
    expect(await alice).toMatchObject({ userName: 'alice', outcome: 'refreshed' });
    expect(counted()).toEqual({ ...once, refreshes: 2 });
  });

  test('what a renewal brings after a sign-out is revoked', async () => {
    let renewed: { refresh_token?: string } = {};
    network = async (send) => {
      const answer = await send();
      const isRenewal = counted().refreshes === 1 && renewed.refresh_token === undefined;
      if (isRenewal) {
        renewed = (await answer.clone().json()) as typeof renewed;
        const [token] = await store().getTokens();
        await store().deleteToken(token?.id ?? '');
      }
      return answer;
    };
    expect(await outcome(source().getToken({ forceRefresh: true }))).toEqual(['E_REAUTH', undefined]);
    expect(counted()).toEqual({ ...once, revocations: 1 });
    await expect(
      oauthRenewal(clientOf(clients.worker)).refresh(
        { id: 'x', revision: 1, refreshToken: renewed.refresh_token as string },
        { signal: AbortSignal.timeout(5000), inDoubt: false },
      ),
    ).rejects.toMatchObject({ oauthError: 'invalid_grant' });
  });

  test('a server that cannot be reached for a while costs nobody the session', async () => {
    late = 6 * minute;
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    network = () => Promise.reject(refused);
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await outcome(source().getToken())).toEqual(['E_UNAVAILABLE', undefined]);
      late += minute;
    }
    network = (send) => send();
    expect(await outcome(source().getToken())).toBe('served');
    expect(counted()).toEqual(once);
  });
});

describe('when the answer of a renewal is lost after the server has rotated the refresh token', () => {
  beforeEach(async () => {
    late = 6 * minute;
    network = async (send) => {
      await send();
      throw new TypeError('fetch failed');
    };
    const results = await Promise.all(Array.from({ length: 8 }, () => outcome(source().getToken())));
    expect(results).toEqual(Array.from({ length: 8 }, () => ['E_UNAVAILABLE', undefined]));
    expect(counted()).toEqual(once);
    network = (send) => send();
    late += minute;
  });

  test('it is sent once more, the server takes that for a theft, and everybody is told the truth', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => outcome(source().getToken())));
    expect(results).toEqual(Array.from({ length: 8 }, () => ['E_REAUTH', 'interrupted']));
    expect(counted()).toEqual({ ...once, refusals: 1, revokedGrants: 1 });
  });

  test('it is not sent again where the provider wants a sign-in: no alarm, and the same truth', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => outcome(source('sign-in').getToken())));
    expect(results).toEqual(Array.from({ length: 8 }, () => ['E_REAUTH', 'interrupted']));
    expect(counted()).toEqual(once);
  });

  test('a new sign-in ends the matter', async () => {
    await outcome(source().getToken());
    await store().saveToken(await signIn(clientOf(clients.worker)));
    late = 0;
    expect(await outcome(source().getToken({ forceRefresh: true }))).toBe('served');
  });
});
