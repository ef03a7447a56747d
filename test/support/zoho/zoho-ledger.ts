/** A user of the data centre. */
export interface ZohoUser {
  readonly email: string;
  /** The id of the user's organisation. */
  readonly zgid: string;
}

/** A client as it is registered at the data centre. */
export interface ZohoRegisteredClient {
  readonly clientId: string;
  /** Absent for a public client, which has to use PKCE. */
  readonly clientSecret?: string;
  readonly redirectUrl?: string;
}

/** What a grant token is made for. */
export interface ZohoGrant {
  readonly user: ZohoUser;
  readonly clientId: string;
  readonly scope: string;
  /** Whether a refresh token comes with it. */
  readonly offline: boolean;
  /** Of a grant that came over a redirect: has to be repeated. */
  readonly redirectUrl?: string;
  /** The S256 challenge of PKCE. */
  readonly challenge?: string;
}

/** Tokens that were just made. */
export interface ZohoIssuedTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly scope: string;
}

/** How long and how often, as Zoho documents it. */
const limits = {
  grantLifetimeMs: 180_000,
  renewalsPerWindow: 10,
  windowMs: 600_000,
  liveAccessTokens: 15,
  refreshTokens: 20,
} as const;

interface RefreshToken extends ZohoGrant {
  readonly value: string;
  /** When access tokens were made from it, in epoch milliseconds. */
  readonly renewals: number[];
  /** The live ones, the oldest first. */
  accessTokens: readonly string[];
}

/**
 * What a data centre remembers of grants and tokens, with the limits that Zoho documents: a grant token works once and for
 * three minutes; a refresh token makes ten access tokens in ten minutes and has fifteen live ones, and a user has twenty
 * refresh tokens for one client: one more ends the oldest.
 */
export class ZohoLedger {
  /** Every secret that was ever handed out. */
  readonly secrets = new Set<string>();
  readonly #now: () => number;
  readonly #grants = new Map<string, ZohoGrant & { readonly madeAt: number }>();
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #accessTokens = new Map<string, { readonly user: ZohoUser; readonly until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a grant token. */
  grant(grant: ZohoGrant): string {
    const code = this.#secret();
    this.#grants.set(code, { ...grant, madeAt: this.#now() });
    return code;
  }

  /** Spends a grant token. Resolves with its tokens, or with the error that Zoho would name. */
  async redeem(
    code: string,
    client: ZohoRegisteredClient,
    { redirectUrl, verifier }: { readonly redirectUrl: string | undefined; readonly verifier: string | undefined },
    lifetimeMs: number,
  ): Promise<ZohoIssuedTokens | string> {
    const grant = this.#grants.get(code);
    if (grant === undefined || grant.clientId !== client.clientId) return 'invalid_code';
    if (this.#now() - grant.madeAt >= limits.grantLifetimeMs) return 'invalid_code';
    const expected = grant.redirectUrl ?? (redirectUrl === undefined ? undefined : client.redirectUrl);
    if (redirectUrl !== expected) return 'invalid_redirect_uri';
    if ((await challengeOf(verifier)) !== grant.challenge) return 'invalid_code';
    if (!this.#grants.delete(code)) return 'invalid_code'; // spent meanwhile
    if (!grant.offline) return { accessToken: this.#access(grant.user, lifetimeMs), scope: grant.scope };
    const others = this.#held(grant.user, grant.clientId);
    if (others.length >= limits.refreshTokens) this.revoke((others[0] as RefreshToken).value);
    const token: RefreshToken = { ...grant, value: this.#secret(), renewals: [], accessTokens: [] };
    this.#refreshTokens.set(token.value, token);
    const accessToken = this.#accessOf(token, lifetimeMs);
    return { accessToken, refreshToken: token.value, scope: grant.scope };
  }

  /** Makes an access token, or says with which error Zoho would refuse. */
  renew(refreshToken: string, clientId: string, lifetimeMs: number): ZohoIssuedTokens | string {
    const token = this.#refreshTokens.get(refreshToken);
    if (token === undefined || token.clientId !== clientId) return 'invalid_code';
    const now = this.#now();
    const recent = token.renewals.filter((at) => now - at < limits.windowMs);
    if (recent.length >= limits.renewalsPerWindow) return 'Access Denied';
    token.renewals.push(now);
    return { accessToken: this.#accessOf(token, lifetimeMs), scope: token.scope };
  }

  /** Ends a refresh token with all its access tokens, or one access token. Returns whether there was one. */
  revoke(value: string): boolean {
    const token = this.#refreshTokens.get(value);
    for (const accessToken of token?.accessTokens ?? []) this.#accessTokens.delete(accessToken);
    return this.#refreshTokens.delete(value) || this.#accessTokens.delete(value);
  }

  /** Whose access token it is; `undefined` when it is unknown, expired or revoked. */
  userOf(accessToken: string): ZohoUser | undefined {
    const known = this.#accessTokens.get(accessToken);
    return known !== undefined && this.#now() < known.until ? known.user : undefined;
  }

  /** The refresh tokens of a user (by e-mail address) that still work, the oldest first. */
  refreshTokens(email: string): readonly string[] {
    return [...this.#refreshTokens.values()].filter(({ user }) => user.email === email).map(({ value }) => value);
  }

  /** The access tokens of a user that still work, the oldest first. */
  accessTokens(email: string): readonly string[] {
    return [...this.#accessTokens.keys()].filter((value) => this.userOf(value)?.email === email);
  }

  /** When access tokens were made from this refresh token, the first one excepted, in epoch milliseconds. */
  renewalsOf(refreshToken: string): readonly number[] {
    return this.#refreshTokens.get(refreshToken)?.renewals ?? [];
  }

  /** Ends all access tokens that there are; refresh tokens live on. */
  endAccessTokens(): void {
    this.#accessTokens.clear();
  }

  #held(user: ZohoUser, clientId: string): readonly RefreshToken[] {
    return [...this.#refreshTokens.values()].filter(
      (token) => token.user.email === user.email && token.clientId === clientId,
    );
  }

  #access(user: ZohoUser, lifetimeMs: number): string {
    const accessToken = this.#secret();
    this.#accessTokens.set(accessToken, { user, until: this.#now() + lifetimeMs });
    return accessToken;
  }

  #accessOf(token: RefreshToken, lifetimeMs: number): string {
    const accessToken = this.#access(token.user, lifetimeMs);
    const live = [...token.accessTokens.filter((value) => this.userOf(value) !== undefined), accessToken];
    const ended = live.splice(0, live.length - limits.liveAccessTokens);
    for (const value of ended) this.#accessTokens.delete(value);
    token.accessTokens = live;
    return accessToken;
  }

  /** In the form of Zoho's tokens. */
  #secret(): string {
    const part = () =>
      [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const secret = `1000.${part()}.${part()}`;
    this.secrets.add(secret);
    return secret;
  }
}

async function challengeOf(verifier: string | undefined): Promise<string | undefined> {
  if (verifier === undefined) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  return btoa(String.fromCharCode(...hash))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
