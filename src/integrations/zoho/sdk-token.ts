import { isInstant } from '../../core/is-instant.ts';
import type { OAuthToken } from '../../core/oauth-token.ts';
import { dataCenterOf } from './data-center-of.ts';
import type { ZohoDataCenter } from './zoho-data-center.ts';
import type { ZohoOAuthToken, ZohoSdk } from './zoho-sdk.ts';

/** A token of the SDK as the store keeps it. */
export type SdkToken = Omit<OAuthToken, 'obtainedAt' | 'scope' | 'resource' | 'idToken' | 'keepFresh' | 'extras'>;

/** How long an access token of Zoho lives. */
const lifetimeMs = 3_600_000;

/**
 * What is known of a token of the SDK. Empty texts, `null` and `undefined` all mean that nothing is.
 *
 * An expiry that is set and cannot be read means one hour from `now`: where an answer does not say how long its token lives, the
 * SDK writes `NaN`, hands that to the store at once, and would never renew the token again. One that is not set is unknown.
 *
 * An API domain is kept only if it is one of the data centres': it decides where the SDK sends credentials. The accounts server of
 * that data centre is the issuer.
 */
export function fromSdkToken(token: ZohoOAuthToken, dataCenters: readonly ZohoDataCenter[], now: number): SdkToken {
  const accessToken = token.getAccessToken();
  const expiresIn = token.getExpiresIn();
  const apiDomain = token.getAPIDomain();
  const issuer = dataCenterOf(apiDomain, dataCenters)?.accounts;
  const fields = {
    id: token.getId(),
    userName: token.getUserSignature()?.getName(),
    issuer,
    clientId: token.getClientId(),
    clientSecret: token.getClientSecret(),
    redirectUrl: token.getRedirectURL(),
    grantToken: token.getGrantToken(),
    refreshToken: token.getRefreshToken(),
    accessToken,
    tokenType: accessToken && 'Zoho-oauthtoken',
    expiresAt: expiresIn ? (instantOf(expiresIn) ?? now + lifetimeMs) : undefined,
    apiDomain: issuer && apiDomain,
  } satisfies { [F in keyof SdkToken]?: SdkToken[F] | null | undefined };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
}

/**
 * Fills a token of the SDK with a stored one. Its owner, its tokens and their expiry are the stored ones, all of them: those of
 * two grants must not meet in one object, and they are good at one API. The application's own settings (secret, redirect URL) stay
 * what the caller made them.
 */
export function fillSdkToken<Token extends ZohoOAuthToken>(
  token: Token,
  stored: OAuthToken & { readonly id: string },
  dataCenters: readonly ZohoDataCenter[],
  { UserSignature }: Pick<ZohoSdk, 'UserSignature'>,
): Token {
  const { id, userName, clientId, clientSecret, redirectUrl, expiresAt, apiDomain } = stored;
  const isOtherClient = clientId !== undefined && Boolean(token.getClientId()) && token.getClientId() !== clientId;
  token.setId(id);
  if (userName !== undefined) token.setUserSignature(new UserSignature(userName));
  if (clientId !== undefined) token.setClientId(clientId);
  token.setClientSecret((!isOtherClient && token.getClientSecret()) || clientSecret);
  token.setRedirectURL(token.getRedirectURL() || redirectUrl);
  token.setGrantToken(stored.grantToken);
  token.setRefreshToken(stored.refreshToken);
  token.setAccessToken(stored.accessToken);
  token.setExpiresIn(expiresAt?.toString());
  token.setAPIDomain((dataCenterOf(apiDomain, dataCenters) && apiDomain) || token.getAPIDomain());
  return token;
}

function instantOf(text: string): number | undefined {
  const instant = /^\d+$/.test(text) ? Number(text) : undefined;
  return isInstant(instant) ? instant : undefined;
}
