import type { AccessToken } from '../../../src/core/access-token.ts';
import type { TokenQuery } from '../../../src/core/oauth-token.ts';
import type { Renewal } from '../../../src/core/renewal.ts';
import type { ClaimableTokenStore } from '../../../src/core/token-store.ts';
import { createTokenSource } from '../../../src/manager/create-token-source.ts';
import type { RenewalSignals } from '../../../src/manager/renewal-signals.ts';
import type { TokenSource } from '../../../src/manager/token-source.ts';
import { oauthRenewal } from '../../../src/oauth/oauth-renewal.ts';
import type { StrictAuthorizationServer } from '../strict-authorization-server.ts';
import type { CallerKind, Plan } from './plan.ts';

/** The one client, and the addresses that it knows. */
export const client = { clientId: 'client', redirectUrl: 'https://app.example/cb', scope: ['read'] };
export const issuer = 'https://login.example';
export const api = 'https://api.example';

/** What a process is connected to. */
export interface Surroundings {
  readonly number: number;
  readonly plan: Plan;
  readonly store: ClaimableTokenStore;
  readonly server: StrictAuthorizationServer;
  /** Reaches the authorization server and the API. */
  readonly fetch: typeof globalThis.fetch;
  readonly signals: RenewalSignals;
  readonly now: () => number;
  /** Told when a new sign-in is about to be stored, and when that has ended. */
  readonly signsIn: (refreshToken: string, begins: boolean) => void;
}

/** What a caller got. */
export interface Got {
  readonly token?: AccessToken;
  /** Of the API's answer. */
  readonly status?: number;
}

/** A tab, an isolate or a Node process: has its own connections and clock, and one token source for each user. */
export class ModelProcess {
  readonly number: number;
  readonly now: () => number;
  readonly #surroundings: Surroundings;
  readonly #renewal: Renewal;
  readonly #sources = new Map<string, TokenSource>();
  #touches = 0;

  constructor(surroundings: Surroundings) {
    const { number, plan, fetch, now } = surroundings;
    this.number = number;
    this.now = now;
    this.#surroundings = surroundings;
    const endpoints = {
      authorizationEndpoint: `${issuer}/authorize`,
      tokenEndpoint: `${issuer}/token`,
      revocationEndpoint: `${issuer}/revoke`,
    };
    const { whenInDoubt } = plan;
    const provider = { issuer, ...endpoints, whenInDoubt, apiOrigins: [api] };
    this.#renewal = oauthRenewal({ ...client, provider }, { fetch, now });
  }

  /** Does what a caller of this kind does, for a user. The signal ends the waiting of those who want a token. */
  async act(kind: CallerKind, user: string, signal: AbortSignal): Promise<Got> {
    if (kind === 'get') return { token: await this.#source(user).getToken({ signal }) };
    if (kind === 'force') return { token: await this.#source(user).getToken({ forceRefresh: true, signal }) };
    if (kind === 'fetch') return { status: (await this.#source(user).fetch(`${api}/me`, { signal })).status };
    if (kind === 'touch') await this.#touch(user);
    else if (kind === 'signIn') await this.#signIn(user);
    else await this.#signOut(user);
    return {};
  }

  #source(user: string): TokenSource {
    const { store, fetch, now, plan, signals } = this.#surroundings;
    const common = { store, query: queryOf(user), ...this.#renewal, fetch, now };
    const source = this.#sources.get(user) ?? createTokenSource(plan.signals ? { ...common, signals } : common);
    this.#sources.set(user, source);
    return source;
  }

  /** Saves something that has nothing to do with the token itself. */
  async #touch(user: string): Promise<void> {
    const { store, number } = this.#surroundings;
    const token = await store.findToken(queryOf(user));
    if (token !== undefined)
      await store.saveToken({ id: token.id, extras: { touched: `${number} ${this.#touches++}` } });
  }

  async #signIn(user: string): Promise<void> {
    const { store, server, now, signsIn } = this.#surroundings;
    const { accessToken, refreshToken = '' } = server.signIn(user);
    const token = { ...queryOf(user), accessToken, refreshToken, scope: 'read', tokenType: 'Bearer' };
    signsIn(refreshToken, true);
    await store.saveToken({ ...token, obtainedAt: now(), expiresAt: now() + 3_600_000 });
    signsIn(refreshToken, false);
  }

  async #signOut(user: string): Promise<void> {
    const { store } = this.#surroundings;
    const token = await store.findToken(queryOf(user));
    if (token === undefined) return;
    await store.deleteToken(token.id);
    await this.#renewal.revoke?.(token).catch(() => undefined);
  }
}

/** The whole of what a token is found by. */
export function queryOf(user: string): TokenQuery & { readonly userName: string } {
  return { userName: user, issuer, clientId: client.clientId };
}
