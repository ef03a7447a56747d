import { secureUrl } from '../../core/secure-url.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { Provider } from '../../oauth/provider.ts';
import type { ZohoDataCenter } from './zoho-data-center.ts';

/** The environments of Zoho CRM. A token is good in the one that its user chose at the sign-in, and in no other. */
export type ZohoEnvironment = 'production' | 'sandbox' | 'developer';

/**
 * A data centre of Zoho as an authorization server: {@link Provider} data, for `oauthRenewal`, a page client or a worker.
 *
 * Its issuer is the accounts server's origin. It asks for a refresh token with every sign-in; secrets go into the body; scopes
 * are separated by commas; the API wants `Zoho-oauthtoken`; refresh tokens are never replaced. An answer that names the API of
 * another data centre is refused. Of one refresh token Zoho makes ten access tokens in ten minutes, so that renewals keep a
 * minute's distance.
 *
 * @param options.environment which API the tokens are sent to. Default `production`.
 * @throws `E_CONFIG` when an address of the data centre is not the origin of an `https:` (or loopback) address.
 */
export function zohoProvider(
  dataCenter: ZohoDataCenter,
  { environment = 'production' }: { readonly environment?: ZohoEnvironment } = {},
): Provider {
  const accounts = originOf(dataCenter.accounts, 'dataCenter.accounts');
  const [api, sandbox, developer] = (['api', 'sandbox', 'developer'] as const).map((name) =>
    originOf(dataCenter[name], `dataCenter.${name}`),
  ) as [string, string, string];
  const apis = { production: api, sandbox, developer };
  return {
    issuer: accounts,
    authorizationEndpoint: `${accounts}/oauth/v2/auth`,
    tokenEndpoint: `${accounts}/oauth/v2/token`,
    revocationEndpoint: `${accounts}/oauth/v2/token/revoke`,
    clientAuthentication: 'client_secret_post',
    scopeSeparator: ',',
    authorizationParameters: { access_type: 'offline', prompt: 'consent' },
    tokenType: 'Zoho-oauthtoken',
    rotation: 'none',
    renewalIntervalMs: 60_000,
    apiOrigins: [apis[environment]],
    // of all environments: what is documented of a sandbox is its address, and not what its sign-ins name
    apiDomains: Object.values(apis),
  };
}

function originOf(address: string, setting: string): string {
  if (secureUrl(address, setting).origin === address) return address;
  throw new TokenkeepError('E_CONFIG', `write ${setting} as scheme, host and port only, without a path`);
}
