import type { OAuthToken, SavedToken } from '../../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../../core/token-store.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { persistently } from '../../manager/persistently.ts';
import { sdkException } from './sdk-exception.ts';
import { checkRenewable, findSdkRow, isAnotherGrant } from './sdk-row.ts';
import { type HandedOut, saveSdkRenewal, saveSdkSignIn } from './sdk-save.ts';
import { fillSdkToken, fromSdkToken, type SdkToken } from './sdk-token.ts';
import type { ZohoClient } from './zoho-client.ts';
import type { ZohoDataCenter } from './zoho-data-center.ts';
import { zohoDataCenters } from './zoho-data-centers.ts';
import type { ZohoOAuthToken, ZohoSdk } from './zoho-sdk.ts';

/**
 * The `TokenStore` of the Zoho CRM SDK for TypeScript. Every failure is an `SDKException` of the SDK with the code `TOKEN_STORE`,
 * whose message begins with tokenkeep's code and holds no token and no name.
 */
export interface ZohoTokenStore<Token extends ZohoOAuthToken> {
  /**
   * Finds the token that the caller's one means: by its id; else by the name of its user signature; else by its access, grant or
   * refresh token, whichever decides by the rules of {@link TokenStore.findToken}. Fills the caller's own object and resolves with
   * it.
   *
   * A token that brings another grant or refresh token than the stored one is a new sign-in, and does not mean the stored one: the
   * SDK exchanges what it brings, and the save replaces what is stored. So leave out a grant once it is spent, except the last;
   * and leave out the id for a new sign-in, since by an id the SDK asks for the stored token alone.
   *
   * @returns `null` when there is none, and for a token with nothing to find one by.
   * @throws `E_REAUTH`, `E_CONFIG` as {@link ZohoTokenStore.findTokenById}; `E_AMBIGUOUS` when several match.
   */
  findToken(token: Token): Promise<Token | null>;

  /**
   * Finds a token by its id.
   *
   * @throws `E_REAUTH` when there is none: at `null` the SDK would go on, and ask Zoho for a token with the text `undefined` in
   * place of each credential. Likewise when the token has expired and has nothing to renew it with; `E_CONFIG` when it has
   * expired and its client is not known. With a client, what its source throws.
   */
  findTokenById(id: string): Promise<Token>;

  /**
   * Saves a token and sets its id: over the one it was made of, or the one that {@link ZohoTokenStore.findToken} finds for it, else
   * as a new one. What it does not carry is kept; over the token of another grant nothing is. Fails only after the database has
   * failed for five seconds; the next `findToken` with the same object then saves it first.
   *
   * @throws `E_INPUT` for one without any token, or of another copy of the SDK; `E_REAUTH` when it was deleted while the SDK
   * renewed it. Nothing is written then.
   */
  saveToken(token: Token): Promise<void>;

  /** Deletes the token with this id, if there is one. */
  deleteToken(id: string): Promise<void>;

  /** All tokens, in no particular order. */
  getTokens(): Promise<Token[]>;

  /** Deletes all tokens. */
  deleteTokens(): Promise<void>;
}

/** Settings of {@link zohoTokenStore}. */
export interface ZohoTokenStoreOptions {
  /**
   * Renews in the SDK's place, which renews once for each call that is made after the expiry: ten calls are all that Zoho allows
   * in ten minutes. The SDK then gets tokens that are fresh, renewed once however many calls, objects and processes ask for
   * them, and neither their expiry nor what could renew them; no client secret is stored. Over the same store. Default: the SDK
   * renews.
   */
  readonly client?: Pick<ZohoClient, 'source'>;
  /** The data centres whose API a token may name; another is not kept. Default: all of `zohoDataCenters`. */
  readonly dataCenters?: readonly ZohoDataCenter[];
  /** The clock, in epoch milliseconds. Default `Date.now`, which is the SDK's. */
  readonly now?: () => number;
}

/**
 * Keeps the tokens of Zoho's own CRM SDK for TypeScript in any backend, sealed:
 *
 * ```ts
 * import * as sdk from '@zohocrm/typescript-sdk-8.0';
 * const builder = await new sdk.InitializeBuilder();
 * await builder.environment(environment).token(token).store(zohoTokenStore(store, sdk)).initialize();
 * ```
 *
 * Concurrency: any number of stores, in any number of processes, may share one database. Of two renewals of one token the last one
 * stays, unless somebody has signed in anew meanwhile: then the SDK goes on with that.
 *
 * @param sdk the copy of the SDK that the application uses; its objects are handed out, and no others are taken.
 */
export function zohoTokenStore<Token extends ZohoOAuthToken>(
  store: ClaimableTokenStore,
  sdk: ZohoSdk<Token>,
  { client, dataCenters = Object.values(zohoDataCenters), now = Date.now }: ZohoTokenStoreOptions = {},
): ZohoTokenStore<Token> {
  /** What was made of a stored token, so that a save knows it for a renewal. */
  const handedOut = new WeakMap<Token, HandedOut>();
  /** What could not be saved. The SDK does not try again, and nobody else has it. */
  const unsaved = new WeakSet<Token>();

  const read = (token: Token): SdkToken => {
    if (token instanceof sdk.OAuthToken) return fromSdkToken(token, dataCenters, now());
    throw new TokenkeepError(
      'E_INPUT',
      'this is no OAuthToken of the SDK that the store was made for; import the same copy in both places',
    );
  };
  const blank = (): Token => Reflect.construct(sdk.OAuthToken, []);
  const fill = (token: Token, stored: OAuthToken & HandedOut): Token => {
    handedOut.set(token, stored);
    return fillSdkToken(token, stored, dataCenters, sdk);
  };

  /** Makes the SDK's token of a stored one that the SDK is going to use. */
  const handOut = async (token: Token, id: string, stored?: SavedToken): Promise<Token> => {
    if (client !== undefined) {
      const { expiresAt: _, ...fresh } = await client.source({ id }).getToken();
      return fill(token, fresh);
    }
    const found = stored ?? (await store.findTokenById(id));
    if (found === undefined) throw new TokenkeepError('E_REAUTH', 'there is no token with this id; sign in');
    fill(token, found);
    const { reauthRequired } = found;
    checkRenewable({ ...read(token), ...(reauthRequired && { reauthRequired }) }, now());
    return token;
  };

  /** A secret that was changed at Zoho, or never stored: the SDK's next call asks by the id alone. */
  const keepSecret = async ({ clientId, clientSecret }: SdkToken, { id, revision, ...stored }: SavedToken) => {
    if (client !== undefined || !clientSecret || clientId !== stored.clientId) return;
    if (clientSecret === stored.clientSecret) return;
    await store.saveToken({ id, revision, clientSecret }).catch(() => undefined);
  };

  const find = async (token: Token): Promise<Token | null> => {
    const sought = read(token);
    const stored = await findSdkRow(store, sought);
    if (stored === undefined || isAnotherGrant(sought, stored)) return null;
    await keepSecret(sought, stored);
    return handOut(token, stored.id, stored);
  };

  const save = async (token: Token): Promise<void> => {
    const { clientSecret, ...fields } = read(token);
    if ((fields.accessToken ?? fields.refreshToken ?? fields.grantToken) === undefined) {
      throw new TokenkeepError('E_INPUT', 'there is no token to save; add an access, refresh or grant token');
    }
    const change = client === undefined && clientSecret ? { ...fields, clientSecret } : fields;
    const handed = handedOut.get(token);
    if (handed !== undefined && handed.id === change.id) {
      fill(token, await persistently(() => saveSdkRenewal(store, change, handed)));
      return;
    }
    unsaved.add(token);
    fill(token, await persistently(() => saveSdkSignIn(store, change)));
    unsaved.delete(token);
  };

  const told = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const outcome = work().catch((error: unknown) => {
      throw sdkException(sdk, error);
    });
    // revoke() of the SDK does not wait for findToken(): a rejection that nobody sees would end the process
    outcome.catch(() => undefined);
    return outcome;
  };

  return {
    findToken: (token) =>
      told(async () => {
        if (!unsaved.has(token)) return find(token);
        await save(token);
        return token;
      }),
    findTokenById: (id) => told(() => handOut(blank(), id)),
    saveToken: (token) => told(() => save(token)),
    deleteToken: (id) => told(() => store.deleteToken(id)),
    getTokens: () => told(async () => (await store.getTokens()).map((stored) => fill(blank(), stored))),
    deleteTokens: () => told(() => store.deleteTokens()),
  };
}
