/** The addresses of a data centre, as `zohoDataCenters` has them. */
export interface ZohoAddresses {
  readonly location: string;
  /** The origin of the accounts server. */
  readonly accounts: string;
  /** The origins of the API in the three environments. */
  readonly api: string;
  readonly sandbox: string;
  readonly developer: string;
}

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
