import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { sqliteBackend } from '../../../src/backends/node/sqlite-backend.ts';
import { importKeyring } from '../../../src/crypto/import-keyring.ts';
import { type ZohoDataCenter, zohoClient, zohoTokenStore } from '../../../src/integrations/zoho/index.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';

/** What the process is started with. */
export interface SdkChildSettings {
  readonly path: string;
  readonly keyring: string;
  readonly dataCenter: ZohoDataCenter;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The id of the token that it calls with. */
  readonly id: string;
}

const { path, keyring, dataCenter, clientId, clientSecret, id }: SdkChildSettings = JSON.parse(
  process.argv[2] as string,
);
const store = new EncryptedTokenStore({ backend: sqliteBackend(path), keyring: importKeyring(keyring) });
const client = zohoClient({ store, dataCenter, clientId, clientSecret });
const own = zohoTokenStore(store, sdk, { client, dataCenters: [dataCenter] });

// a process that is told to begin makes several calls at once, and says what came of them
process.on('message', async () => {
  const environment = new sdk.Environment(dataCenter.api, `${dataCenter.accounts}/oauth/v2/token`, dataCenter.api);
  const logger = new sdk.LogBuilder().level(sdk.Levels.OFF).build();
  const config = new sdk.SDKConfigBuilder().build();
  const token = new sdk.OAuthBuilder().id(id).build();
  await sdk.Initializer.initialize(environment, token, own, config, '.', logger, undefined as never);
  const calls = Array.from({ length: 5 }, () => new sdk.Org.OrgOperations().getOrganization());
  process.send?.((await Promise.all(calls)).map((answer) => answer.getStatusCode()));
});
process.send?.('ready');
