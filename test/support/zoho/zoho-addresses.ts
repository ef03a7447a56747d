import type { ZohoAddresses } from './zoho-stand-in.ts';

/** The addresses of a data centre that is not on any network: for a stand-in in the same process. */
export function zohoAddresses(location: string): ZohoAddresses {
  const api = (environment: string) => `https://${environment}.api.${location}.example`;
  return {
    location,
    accounts: `https://accounts.${location}.example`,
    api: api('www'),
    sandbox: api('sandbox'),
    developer: api('developer'),
  };
}
