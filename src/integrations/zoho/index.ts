export type { ZohoClient, ZohoRevocation, ZohoUser } from './zoho-client.ts';
export { zohoClient } from './zoho-client.ts';
export type { ZohoClientOptions, ZohoStore } from './zoho-client-options.ts';
export type { ZohoDataCenter } from './zoho-data-center.ts';
export { zohoDataCenters } from './zoho-data-centers.ts';
export type { ZohoEnvironment } from './zoho-provider.ts';
export { zohoProvider } from './zoho-provider.ts';
