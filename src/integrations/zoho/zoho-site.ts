import type { OAuthToken } from '../../core/oauth-token.ts';
import type { Renewal } from '../../core/renewal.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { isOwnToken } from '../../oauth/is-own-token.ts';
import type { OAuthClient } from '../../oauth/oauth-client.ts';
import { oauthRenewal } from '../../oauth/oauth-renewal.ts';
import type { ZohoClientOptions } from './zoho-client-options.ts';
import type { ZohoDataCenter } from './zoho-data-center.ts';
import { zohoDataCenters } from './zoho-data-centers.ts';
import { zohoProvider } from './zoho-provider.ts';

/** One client at one data centre. */
export interface ZohoSite {
  readonly location: string;
  readonly client: OAuthClient;
  readonly renewal: Renewal;
  /** The origins of its API, in all environments. */
  readonly apis: readonly string[];
  /** The one for tokens that name none, and in an environment that was chosen for every token. */
  readonly api: string;
  readonly isChosen: boolean;
}

/**
 * The client at each data centre it may use, the one where sign-ins begin first.
 *
 * @throws `E_CONFIG` when there is no data centre, as after a typing error in its name, or one of its addresses is no origin.
 */
export function zohoSites(options: ZohoClientOptions): readonly [ZohoSite, ...ZohoSite[]] {
  const { dataCenter, clientId, clientSecret, redirectUrl = '', scope = [], environment } = options;
  if (typeof dataCenter?.accounts !== 'string') {
    throw new TokenkeepError(
      'E_CONFIG',
      `dataCenter is none; choose ${Object.keys(zohoDataCenters).join(', ')} of zohoDataCenters, or describe one`,
    );
  }
  const known = Object.values(zohoDataCenters);
  const { dataCenters = known.some(({ accounts }) => accounts === dataCenter.accounts) ? known : [] } = options;
  const { fetch = globalThis.fetch, now = Date.now } = options;
  const site = (place: ZohoDataCenter): ZohoSite => {
    const provider = zohoProvider(place, environment && { environment });
    const secret = typeof clientSecret === 'object' ? clientSecret[place.location] : clientSecret;
    const client: OAuthClient = {
      provider,
      clientId,
      redirectUrl,
      scope,
      ...(secret !== undefined && { clientSecret: secret }),
      clientAuthentication: clientSecret === undefined ? 'none' : 'client_secret_post',
    };
    const [api] = provider.apiOrigins as readonly [string];
    const { apiDomains: apis = [] } = provider;
    const renewal = oauthRenewal(client, { fetch, now });
    return { location: place.location, client, renewal, apis, api, isChosen: environment !== undefined };
  };
  const others = dataCenters.filter(({ accounts }) => accounts !== dataCenter.accounts);
  return [site(dataCenter), ...others.map(site)];
}

/**
 * The site that a token came from: only there can it be renewed and revoked. One that does not say is of the first.
 *
 * @throws `E_CONFIG` for a token of another client, or of a data centre that the client does not use.
 */
export function siteOf(token: OAuthToken, sites: readonly [ZohoSite, ...ZohoSite[]]): ZohoSite {
  const { issuer = sites[0].client.provider.issuer } = token;
  const site = sites.find(({ client }) => isOwnToken(client, { ...token, issuer }));
  if (site !== undefined) return site;
  throw new TokenkeepError(
    'E_CONFIG',
    'the token is one of another client or data centre; use its client, or add its data centre to dataCenters',
  );
}

/**
 * The one origin that an access token may be sent to.
 *
 * @throws `E_CONFIG` when the stored token names another API than those of its data centre.
 */
export function apiOf(token: OAuthToken, sites: readonly [ZohoSite, ...ZohoSite[]]): string {
  const { api, apis, isChosen } = siteOf(token, sites);
  const { apiDomain = api } = token;
  if (!apis.includes(apiDomain)) {
    throw new TokenkeepError(
      'E_CONFIG',
      'the token names another API than those of its data centre; describe that data centre, or sign in again',
    );
  }
  return isChosen ? api : apiDomain;
}
