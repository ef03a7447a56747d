import type { OAuthToken, SavedToken, TokenChange, TokenQuery } from '../../core/oauth-token.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { TokenSource } from '../../manager/token-source.ts';
import { type AuthorizationRequest, authorize } from '../../oauth/authorize.ts';
import { exchange } from '../../oauth/exchange.ts';
import { redeemGrant } from '../../oauth/redeem-grant.ts';
import type { Transaction } from '../../oauth/transaction.ts';
import { calledBackSite } from './called-back-site.ts';
import { revokeGrant } from './revoke-grant.ts';
import { saveSignIn } from './save-sign-in.ts';
import type { ZohoClientOptions } from './zoho-client-options.ts';
import { apiOf, siteOf, type ZohoSite, zohoSites } from './zoho-site.ts';
import { zohoSource } from './zoho-source.ts';
import { zohoUserName } from './zoho-user-name.ts';

/** Whose token a sign-in brings. */
export interface ZohoUser {
  /** What the application calls the user. Default: see {@link ZohoClientOptions.findUser}. */
  readonly userName?: string;
}

/**
 * What became of a revocation:
 *
 * - `revoked`: Zoho has ended the grant with all its access tokens, and the token is deleted.
 * - `unknown`: Zoho did not know the grant any more; the token is deleted.
 * - `absent`: there is no such token. Nothing was sent.
 */
export type ZohoRevocation = 'revoked' | 'unknown' | 'absent';

/** OAuth at Zoho for any number of users, whose tokens are kept in one store. */
export interface ZohoClient {
  /**
   * Redeems a grant token of the API console (self client), or any other that no sign-in of this client brought, and stores what
   * comes of it. A token that is stored for its user is replaced, and its refresh token revoked.
   *
   * @returns the token as it is stored.
   * @throws `E_OAUTH` when Zoho refuses it, with `oauthError` `invalid_grant` for one that is spent or older than three minutes;
   * `E_INPUT`, `E_NETWORK`, `E_CONFIG`; what the store throws. With `findUser` also when nobody can tell whose token it is, which is
   * then revoked.
   */
  redeem(grantToken: string, user?: ZohoUser): Promise<SavedToken>;

  /**
   * Begins a sign-in (RFC 6749 §4.1) with PKCE and `state`. Send the browser to the address, and keep the transaction, sealed,
   * for the one callback.
   *
   * @throws `E_CONFIG` without a redirect URL or a scope.
   */
  authorize(): Promise<AuthorizationRequest>;

  /**
   * Completes a sign-in at the data centre that the callback names, if it is one the client uses, and stores its token there: it
   * is renewed and revoked there, too. A token that is stored for its user is replaced, and its refresh token revoked.
   *
   * Concurrency: take the transaction out of its place before, so that nobody else has it.
   *
   * @throws `E_CALLBACK` when the callback belongs to no such sign-in, names another data centre or contradicts itself, with
   * `oauthError` when the user or Zoho refused; nothing is sent then. What {@link ZohoClient.redeem} throws.
   */
  complete(transaction: Transaction, callbackUrl: URL, user?: ZohoUser): Promise<SavedToken>;

  /**
   * The source of a token, by its user name, its id or whatever else it can be found by: `getToken` and `fetch`, which takes a
   * path at the token's own API, such as `/crm/v8/Leads`. See {@link TokenSource} for what they do and throw.
   *
   * They throw `E_CONFIG` for the token of another client, data centre or API, too. Nothing is sent then.
   */
  source(query: TokenQuery): TokenSource;

  /**
   * Revokes a grant at Zoho, then deletes the token. Both have happened when it resolves.
   *
   * When Zoho cannot be told, the token is kept, since nobody else could end its grant: call it again. To forget it all the same,
   * delete it in the store.
   *
   * @throws `E_NETWORK` or `E_OAUTH` when Zoho could not be told; `E_CONFIG` for a token of another client or data centre; what the
   * store throws, as `E_QUERY` and `E_AMBIGUOUS`.
   */
  revoke(query: TokenQuery): Promise<ZohoRevocation>;
}

/**
 * Makes a client of Zoho's OAuth, for servers, edge workers and pages alike.
 *
 * ```ts
 * const store = new EncryptedTokenStore({ backend, keyring });
 * const client = zohoClient({ store, dataCenter: zohoDataCenters.eu, clientId, clientSecret });
 * await client.redeem(grantToken, { userName: 'ann' });
 * const response = await client.source({ userName: 'ann' }).fetch('/crm/v8/Leads?fields=Last_Name');
 * await client.revoke({ userName: 'ann' });
 * ```
 *
 * It keeps no state but what the store holds: any number of clients and users may run side by side, and in a Worker each request
 * makes its own. The client secret is in none of the stored tokens. Over a backend without compare-and-set keep a source as long
 * as you use its token: only within it do callers wait for each other.
 *
 * In a page a client secret is refused: everybody can read it there. Zoho registers clients for pages without one, but documents
 * only the implicit flow for them, which this library does not speak; PKCE without a secret it documents for mobile and desktop
 * applications. For a page, keep the tokens in a worker.
 *
 * @throws `E_CONFIG` when a setting is wrong, such as a client secret in a page or an address that is not an origin.
 */
export function zohoClient(options: ZohoClientOptions): ZohoClient {
  const { store, clientSecret, findUser = false, fetch = globalThis.fetch, now = Date.now, timeoutMs } = options;
  if (clientSecret !== undefined && 'document' in globalThis) {
    throw new TokenkeepError('E_CONFIG', 'remove clientSecret: everybody can read what a page holds');
  }
  const engine = { fetch, now, ...(timeoutMs !== undefined && { timeoutMs }) };
  const sites = zohoSites(options);
  const [first] = sites;
  const sourceOf = (query: TokenQuery): TokenSource => zohoSource(options, sites, query);
  sourceOf({ id: '' }); // what is wrong with the settings is told now, and not at the first call

  async function keep(site: ZohoSite, change: TokenChange, { userName }: ZohoUser): Promise<SavedToken> {
    const token = change as OAuthToken;
    const revoke = (ended: OAuthToken): Promise<unknown> => revokeGrant(site.client, ended, engine);
    let named = userName;
    if (named === undefined && findUser) {
      named = await zohoUserName(apiOf(token, sites), token.accessToken ?? '', engine).catch(async (error: unknown) => {
        // nobody could ever find it, and it would take one of the user's twenty places
        await revoke(token).catch(() => undefined);
        throw error;
      });
    }
    return saveSignIn(store, { ...change, ...(named !== undefined && { userName: named }) }, revoke);
  }

  return {
    async redeem(grantToken, user = {}) {
      return keep(first, await redeemGrant(first.client, grantToken, engine), user);
    },

    async authorize() {
      if (first.client.scope.length > 0) return authorize(first.client, engine);
      throw new TokenkeepError('E_CONFIG', 'set scope to what a sign-in asks for, such as ZohoCRM.modules.ALL');
    },

    async complete(transaction, callbackUrl, user = {}) {
      const site = calledBackSite(transaction, callbackUrl, sites);
      const { issuer } = site.client.provider;
      return keep(site, await exchange(site.client, { ...transaction, issuer }, callbackUrl, engine), user);
    },

    source: sourceOf,

    async revoke(query) {
      const token = await store.findToken({ clientId: options.clientId, ...query });
      if (token === undefined) return 'absent';
      const { client } = siteOf(token, sites);
      const isRevoked = await revokeGrant(client, token, engine);
      const { revision: _, ...deleted } = (await store.takeToken(token.id)) ?? token;
      if (deleted.refreshToken !== token.refreshToken) {
        // somebody has signed in again meanwhile: that grant is to be ended, too, or kept
        await revokeGrant(siteOf(deleted, sites).client, deleted, engine).catch(async (error: unknown) => {
          await store.saveToken(deleted);
          throw error;
        });
      }
      return isRevoked ? 'revoked' : 'unknown';
    },
  };
}
