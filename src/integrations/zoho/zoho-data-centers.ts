import type { ZohoDataCenter } from './zoho-data-center.ts';

/**
 * The data centres of Zoho. Their accounts servers are those that Zoho lists (zoho.com/accounts/protocol/oauth/multi-dc and
 * `/oauth/serverinfo`), China's excepted, which is run apart and has its own sign-in; their APIs are those of the CRM SDKs.
 * Of the United Kingdom Zoho lists the accounts server alone, and no SDK knows it: its API is what others use, its sandbox and
 * developer environments follow the pattern of all others.
 *
 * One that is not here, such as a region that was opened since, is passed as the same plain data.
 */
export const zohoDataCenters: {
  readonly [location in 'us' | 'eu' | 'in' | 'cn' | 'au' | 'jp' | 'ca' | 'sa' | 'uk']: ZohoDataCenter;
} = {
  us: dataCenter('us', 'accounts.zoho.com', 'zohoapis.com'),
  eu: dataCenter('eu', 'accounts.zoho.eu', 'zohoapis.eu'),
  in: dataCenter('in', 'accounts.zoho.in', 'zohoapis.in'),
  cn: dataCenter('cn', 'accounts.zoho.com.cn', 'zohoapis.com.cn'),
  au: dataCenter('au', 'accounts.zoho.com.au', 'zohoapis.com.au'),
  jp: dataCenter('jp', 'accounts.zoho.jp', 'zohoapis.jp'),
  ca: dataCenter('ca', 'accounts.zohocloud.ca', 'zohoapis.ca'),
  sa: dataCenter('sa', 'accounts.zoho.sa', 'zohoapis.sa'),
  uk: dataCenter('uk', 'accounts.zoho.uk', 'zohoapis.uk'),
};

function dataCenter(location: string, accounts: string, api: string): ZohoDataCenter {
  return {
    location,
    accounts: `https://${accounts}`,
    api: `https://www.${api}`,
    sandbox: `https://sandbox.${api}`,
    developer: `https://developer.${api}`,
  };
}
