import { type ZohoDataCenter, zohoDataCenters } from 'tokenkeep/integrations/zoho';

const { ZOHO_DATA_CENTER = 'us', ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_GRANT_TOKEN } = process.env;

if (!ZOHO_CLIENT_ID || !ZOHO_CLIENT_SECRET || !ZOHO_GRANT_TOKEN) {
  console.error(`Set ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET and ZOHO_GRANT_TOKEN to those of a self client of the API console, and
ZOHO_DATA_CENTER to its data centre (${Object.keys(zohoDataCenters).join(', ')}). Or run this against a stand-in: npm run example`);
  process.exit(1);
}

/** A data centre by its short name, or one that is described in JSON, as the stand-in is. */
export const dataCenter: ZohoDataCenter = ZOHO_DATA_CENTER.startsWith('{')
  ? JSON.parse(ZOHO_DATA_CENTER)
  : zohoDataCenters[ZOHO_DATA_CENTER as keyof typeof zohoDataCenters];

export const clientId: string = ZOHO_CLIENT_ID;
export const clientSecret: string = ZOHO_CLIENT_SECRET;

/** Works once, for three minutes. */
export const grantToken: string = ZOHO_GRANT_TOKEN;
