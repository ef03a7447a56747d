import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { SavedToken, TokenChange } from '../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import type { RenewalRequest } from '../../src/core/renewal.ts';
import type { TokenEvent } from '../../src/core/token-event.ts';
import { type ErrorDetail, TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource, TokenSourceOptions } from '../../src/manager/token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from './test-keyring.ts';

/** A call that the authorization server got. */
export interface Call extends RenewalRequest {
  readonly token: SavedToken;
}

/** A store with one token, an authorization server that does what a test wants, and a clock that stands still. */
export interface SourceRig {
  readonly backend: RecordBackend;
  readonly store: EncryptedTokenStore;
  /** Ann's token: an hour's life, a refresh token. */
  readonly saved: SavedToken;
  readonly calls: readonly Call[];
  readonly events: readonly TokenEvent[];
  /** What the server does with the next calls. The first answer is `access-2`, with `refresh-2`, for an hour. */
  answer: (call: Call) => Promise<TokenChange>;
  now(): number;
  /** Moves the clock, in milliseconds. */
  pass(ms: number): void;
  source(options?: Partial<TokenSourceOptions>): TokenSource;
  /** The stored token. */
  stored(): Promise<SavedToken | undefined>;
  /** How many attempts of the present refresh token are in doubt; -1 while no claim is granted. */
  doubts(): Promise<number>;
}

const hour = 3_600_000;

export async function sourceRig(change: Partial<RecordBackend> = {}): Promise<SourceRig> {
  let time = 1_795_000_000_000;
  const now = (): number => time;
  const backend = { ...memoryBackend({ now }), ...change };
  const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  const saved = await store.saveToken({
    userName: 'ann',
    issuer: 'https://login.example',
    clientId: 'app',
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
    obtainedAt: time,
    expiresAt: time + hour,
  });
  const calls: Call[] = [];
  const events: TokenEvent[] = [];
  const rig: SourceRig = {
    backend,
    store,
    saved,
    calls,
    events,
    answer: async () => ({
      accessToken: `access-${calls.length + 1}`,
      refreshToken: `refresh-${calls.length + 1}`,
      obtainedAt: time,
      expiresAt: time + hour,
    }),
    now,
    pass: (ms) => {
      time += ms;
    },
    source: (options = {}) =>
      createTokenSource({
        store,
        query: { userName: 'ann', issuer: 'https://login.example', clientId: 'app' },
        now,
        onEvent: (event) => events.push(event),
        refresh: (token, request) => {
          const call = { token, ...request };
          calls.push(call);
          return rig.answer(call);
        },
        ...options,
      }),
    stored: () => store.findTokenById(saved.id),
    async doubts() {
      const token = await rig.stored();
      const claim = token && (await store.claimToken(token, { owner: 'looking', ttlMs: 60_000 }));
      await store.releaseToken(saved.id, { owner: 'looking' });
      return claim?.granted ? claim.doubts : -1;
    },
  };
  return rig;
}

/** An authorization server that answers with this OAuth error. */
export function refusing(oauthError: string, detail: ErrorDetail = {}): () => Promise<never> {
  return async () => {
    throw new TokenkeepError('E_OAUTH', 'the server refused', { oauthError, ...detail });
  };
}

/** An authorization server that cannot be reached, or whose answer got lost. */
export function unreachable(detail: ErrorDetail = {}): () => Promise<never> {
  return async () => {
    throw new TokenkeepError('E_NETWORK', 'the server could not be reached', detail);
  };
}

/** A door that a test opens when it is time. */
export function door(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
