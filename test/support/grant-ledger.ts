/** Settings of {@link GrantLedger}. */
export interface GrantLedgerOptions {
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
  /** Life of an access token in seconds. */
  readonly lifetime: number;
  /**
   * `strict`: each renewal replaces the refresh token, and the grant ends when a replaced one comes. `none`: a refresh
   * token works for as long as its grant.
   */
  readonly rotation: 'strict' | 'none';
  /** How often a grant honours a replaced refresh token once more before that ends it. */
  readonly graces: number;
}

/** What a user has granted. */
export interface Grant {
  /** Counts the grants, from 1. */
  readonly number: number;
  readonly user: string;
  readonly scope: string;
  readonly nonce: string | null;
  refreshToken: string | undefined;
  graces: number;
  readonly accessTokens: Map<string, number>;
  revoked: boolean;
}

/** One refresh token that came in. Its secret is not kept: tests show this log. */
export interface RefreshCall {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Which refresh token it was, counted over all grants from 1; `undefined` for one that was never handed out. */
  readonly ordinal: number | undefined;
  /**
   * - `renewed`: a new access token was made, and under strict rotation a new refresh token.
   * - `honoured-again`: the same for a replaced refresh token.
   * - `reused`: a replaced refresh token, and the end of its grant.
   * - `refused`: a refresh token of nobody's, or of a grant that has ended.
   * - `undecided`: the server failed before it looked.
   */
  readonly outcome: 'renewed' | 'honoured-again' | 'reused' | 'refused' | 'undecided';
}

/** Tokens that were just made. */
export interface IssuedTokens {
  readonly accessToken: string;
  /** Absent when the refresh token is still the one before. */
  readonly refreshToken?: string;
}

/** What an authorization server remembers of its grants and their tokens. */
export class GrantLedger {
  /** Every secret that was ever handed out. */
  readonly secrets = new Set<string>();
  /** Every refresh token that came in, in order. */
  readonly calls: RefreshCall[] = [];
  readonly #options: GrantLedgerOptions;
  readonly #grants: Grant[] = [];
  /** All refresh tokens ever handed out, and what they belong to. */
  readonly #refreshTokens = new Map<string, { readonly grant: Grant; readonly ordinal: number }>();

  constructor(options: GrantLedgerOptions) {
    this.#options = options;
  }

  /** How often a replaced refresh token came and ended its grant. */
  get reuses(): number {
    return this.calls.filter(({ outcome }) => outcome === 'reused').length;
  }

  open(user: string, scope: string, nonce: string | null = null): Grant {
    const number = this.#grants.length + 1;
    const { graces } = this.#options;
    const tokens = { refreshToken: undefined, accessTokens: new Map<string, number>() };
    const grant: Grant = { number, user, scope, nonce, ...tokens, graces, revoked: false };
    this.#grants.push(grant);
    return grant;
  }

  /** Makes the tokens of a sign-in or a renewal. */
  issue(grant: Grant): IssuedTokens {
    const accessToken = this.secret('access');
    grant.accessTokens.set(accessToken, this.#options.now() + this.#options.lifetime * 1000);
    if (grant.refreshToken !== undefined && this.#options.rotation === 'none') return { accessToken };
    const refreshToken = this.secret('refresh');
    grant.refreshToken = refreshToken;
    this.#refreshTokens.set(refreshToken, { grant, ordinal: this.#refreshTokens.size + 1 });
    return { accessToken, refreshToken };
  }

  /** Takes a refresh token. The grant it renews; `undefined` when it renews none. */
  present(refreshToken: string): Grant | undefined {
    const grant = this.#refreshTokens.get(refreshToken)?.grant;
    const isCurrent = grant?.refreshToken === refreshToken;
    if (grant === undefined || (isCurrent && grant.revoked)) {
      this.note(refreshToken, 'refused');
      return undefined;
    }
    if (isCurrent || (!grant.revoked && grant.graces-- > 0)) {
      this.note(refreshToken, isCurrent ? 'renewed' : 'honoured-again');
      return grant;
    }
    this.note(refreshToken, 'reused');
    grant.revoked = true;
    return undefined;
  }

  note(refreshToken: string, outcome: RefreshCall['outcome']): void {
    this.calls.push({ at: this.#options.now(), ordinal: this.#refreshTokens.get(refreshToken)?.ordinal, outcome });
  }

  revoke(token: string): void {
    for (const grant of this.#grants) {
      if (grant.refreshToken === token || grant.accessTokens.has(token)) grant.revoked = true;
    }
  }

  /** Which refresh token this is, of which grant, and whether it is the one that renews it. */
  known(
    refreshToken: string,
  ): { readonly ordinal: number; readonly grant: number; readonly user: string; readonly live: boolean } | undefined {
    const known = this.#refreshTokens.get(refreshToken);
    if (known === undefined) return undefined;
    const { grant, ordinal } = known;
    return {
      ordinal,
      grant: grant.number,
      user: grant.user,
      live: !grant.revoked && grant.refreshToken === refreshToken,
    };
  }

  userOf(accessToken: string): string | undefined {
    const grant = this.#grants.find(({ accessTokens }) => accessTokens.has(accessToken));
    const live = grant && !grant.revoked && (grant.accessTokens.get(accessToken) ?? 0) > this.#options.now();
    return live ? grant.user : undefined;
  }

  isGranted(user: string): boolean {
    return this.#grants.some((grant) => grant.user === user && !grant.revoked && grant.refreshToken !== undefined);
  }

  secret(kind: string): string {
    const secret = `sentinel-${kind}-${crypto.randomUUID()}`;
    this.secrets.add(secret);
    return secret;
  }
}
