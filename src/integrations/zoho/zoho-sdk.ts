/** A user signature of the Zoho CRM SDK: whose token it is. */
export interface ZohoUserSignature {
  getName(): string;
}

/**
 * The members of the Zoho CRM SDK's `OAuthToken` that a store needs. What was never set is `undefined` there, whatever the
 * SDK's own types say.
 */
export interface ZohoOAuthToken {
  getId(): string | null | undefined;
  setId(id: string | null): void;
  getUserSignature(): ZohoUserSignature | null | undefined;
  setUserSignature(userSignature: ZohoUserSignature | null): void;
  getClientId(): string | null | undefined;
  setClientId(clientId: string | undefined): void;
  getClientSecret(): string | null | undefined;
  setClientSecret(clientSecret: string | undefined): void;
  getRedirectURL(): string | null | undefined;
  setRedirectURL(redirectUrl: string | null | undefined): void;
  getGrantToken(): string | null | undefined;
  setGrantToken(grantToken: string | null | undefined): void;
  getRefreshToken(): string | null | undefined;
  setRefreshToken(refreshToken: string | null | undefined): void;
  getAccessToken(): string | null | undefined;
  setAccessToken(accessToken: string | null | undefined): void;
  /** Not a duration, as the name says: an instant, in epoch milliseconds, as a decimal text. */
  getExpiresIn(): string | null | undefined;
  setExpiresIn(expiresIn: string | undefined): void;
  getAPIDomain(): string | null | undefined;
  setAPIDomain(apiDomain: string | null | undefined): void;
}

/**
 * The classes of the Zoho CRM SDK that a store makes objects of: `import * as sdk from '@zohocrm/typescript-sdk-8.0'` is
 * one. It has to be the copy that the application uses: the SDK takes no other copy's objects for its own.
 */
export interface ZohoSdk<Token extends ZohoOAuthToken = ZohoOAuthToken> {
  readonly OAuthToken: new (...parameters: never[]) => Token;
  readonly UserSignature: new (name: string) => ZohoUserSignature;
  readonly SDKException: new (code: string | null, message: string | null) => { readonly message: string };
}
