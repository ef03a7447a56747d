import type { TokenQuery } from '../../core/oauth-token.ts';
import type { Renewal } from '../../core/renewal.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { createTokenSource } from '../../manager/create-token-source.ts';
import { sendWithHeader } from '../../manager/send-with-header.ts';
import type { TokenSource } from '../../manager/token-source.ts';
import type { ZohoClientOptions } from './zoho-client-options.ts';
import { apiOf, siteOf, type ZohoSite } from './zoho-site.ts';

/**
 * A source of one token that renews it at the data centre it came from, whichever that is. Its `fetch` takes a path as well as
 * an address, and sends the token to the one API that is the token's own.
 */
export function zohoSource(
  options: ZohoClientOptions,
  sites: readonly [ZohoSite, ...ZohoSite[]],
  query: TokenQuery,
): TokenSource {
  const renewal: Renewal = {
    ...sites[0].renewal,
    refresh: async (token, request) => siteOf(token, sites).renewal.refresh(token, request),
    revoke: async (token) => siteOf(token, sites).renewal.revoke?.(token),
    allowedOrigins: sites.flatMap(({ apis }) => apis),
    send: async (request, token, fetch) => {
      if (new URL(request.url).origin === apiOf(token, sites)) return sendWithHeader(request, token, fetch);
      throw elsewhere();
    },
  };
  const source = createTokenSource({ ...options, ...renewal, query: { clientId: options.clientId, ...query } });
  const getToken: TokenSource['getToken'] = async (request) => {
    const token = await source.getToken(request);
    siteOf(token, sites);
    return token;
  };
  return {
    getToken,
    fetch: async (input, init) => {
      const isPath = typeof input === 'string' && !URL.canParse(input);
      if (!isPath) {
        const { origin } = new URL(input instanceof Request ? input.url : input);
        if (!renewal.allowedOrigins?.includes(origin)) throw elsewhere();
        return source.fetch(input, init);
      }
      const { signal } = init ?? {};
      return source.fetch(new URL(input, apiOf(await getToken(signal ? { signal } : {}), sites)), init);
    },
  };
}

function elsewhere(): TokenkeepError {
  return new TokenkeepError('E_CONFIG', 'the token is for another API than that address; give fetch a path alone');
}
