import type { OAuthToken, SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { commitRenewal } from './commit-renewal.ts';

/** Yields a usable access token. */
export interface TokenSource {
  /**
   * The token, renewed first when its access token has expired or is about to. Of all callers, in all tabs and isolates,
   * one renews and the others wait for it, where the backend has compare-and-set.
   *
   * @param options.forceRefresh renews even a token that looks fresh, for instance after a 401; but not one that
   * somebody has renewed since this call began.
   * @throws `E_REAUTH` when the token is gone, or can no longer be renewed: the user has to sign in again.
   * @throws `E_TIMEOUT` when somebody else's renewal did not end in time; trying again later is safe.
   * @throws `E_NETWORK` or `E_OAUTH` when the authorization server failed; nothing is lost.
   */
  getToken(options?: { readonly forceRefresh?: boolean }): Promise<SavedToken>;
}

/** What {@link createTokenSource} needs. */
export interface TokenSourceOptions {
  readonly store: ClaimableTokenStore;
  /** Which token. */
  readonly id: string;
  /**
   * Asks the authorization server for a new access token. It is called once for each renewal and must end when the signal
   * aborts, after 20 seconds.
   */
  readonly refresh: (token: SavedToken, signal: AbortSignal) => Promise<TokenChange>;
  /**
   * Revokes what was renewed for a token that had been deleted, by a sign-out, when it came: nobody keeps it, so nobody else
   * can. Its failure is ignored. Default: it lapses by itself.
   */
  readonly discard?: (token: OAuthToken) => Promise<void>;
  /** How long before its expiry an access token counts as expired, in milliseconds. Default 10 seconds. */
  readonly leewayMs?: number;
  /** How long to wait for somebody else's renewal, in milliseconds. Default 15 seconds. */
  readonly waitMs?: number;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Longer than a renewal may take: while its claim holds, nobody else spends the same refresh token. */
const claimTtlMs = 30_000;
const refreshTimeoutMs = 20_000;

/**
 * Makes a source of one stored token. It keeps no state: the claim in the store is what makes callers wait for each
 * other, so that it works across tabs, isolates and processes alike.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { store, id, refresh, discard, leewayMs = 10_000, waitMs = 15_000, now = Date.now } = options;

  const read = async (): Promise<SavedToken> => {
    const token = await store.findTokenById(id);
    if (token === undefined) throw new TokenkeepError('E_REAUTH', 'there is no such token any more; sign in again');
    return token;
  };
  const lives = (token: SavedToken, leeway: number): boolean =>
    token.accessToken !== undefined && (token.expiresAt === undefined || token.expiresAt - leeway > now());

  /** The one call to the authorization server, and what becomes of its answer. */
  async function renew(token: SavedToken, owner: string | undefined): Promise<SavedToken> {
    let change: TokenChange;
    try {
      change = await refresh(token, AbortSignal.timeout(refreshTimeoutMs));
    } catch (error) {
      return recover(token, owner, error);
    }
    return commitRenewal(store, token, change, { owner, discard });
  }

  async function recover(token: SavedToken, owner: string | undefined, error: unknown): Promise<SavedToken> {
    const known = error instanceof TokenkeepError;
    // without a definite answer of the server, it may have rotated the refresh token before it failed
    const inDoubt = !known || error.code === 'E_NETWORK' || error.oauthError === 'server_error';
    if (owner !== undefined) await store.releaseToken(id, { owner, inDoubt });
    const latest = await read();
    if (latest.revision !== token.revision && lives(latest, 0)) return latest;
    if (known && error.oauthError === 'invalid_grant') {
      throw new TokenkeepError('E_REAUTH', 'the authorization server no longer renews this token; sign in again');
    }
    throw error;
  }

  return {
    async getToken({ forceRefresh = false } = {}) {
      const first = await read();
      const deadline = now() + waitMs;
      for (let token = first, round = 1; ; token = await read(), round++) {
        const stale = forceRefresh && token.revision === first.revision;
        if (!stale && lives(token, leewayMs)) return token;
        if (token.refreshToken === undefined) {
          if (!stale && lives(token, 0)) return token;
          throw new TokenkeepError(
            'E_REAUTH',
            'the access token has expired and there is no refresh token; sign in again',
          );
        }
        if (!store.capabilities.compareAndSet) return renew(token, undefined);
        const owner = crypto.randomUUID();
        if ((await store.claimToken(token, { owner, ttlMs: claimTtlMs })) !== 'refused') return renew(token, owner);
        if (!stale && lives(token, 0)) return token; // somebody else renews it, and it still works meanwhile
        if (now() > deadline) {
          throw new TokenkeepError(
            'E_TIMEOUT',
            'another renewal of this token is not finished yet; try again in a moment',
          );
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(25 * 2 ** round, 400)));
      }
    },
  };
}
