import type { ZohoDataCenter } from './zoho-data-center.ts';

/** The data centre of which this is the API, in whatever environment; `undefined` for an address of none. */
export function dataCenterOf(
  apiDomain: string | null | undefined,
  dataCenters: readonly ZohoDataCenter[],
): ZohoDataCenter | undefined {
  return dataCenters.find(({ api, sandbox, developer }) => [api, sandbox, developer].some((one) => one === apiDomain));
}
