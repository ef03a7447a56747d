// Zoho's own SDK, unmodified, with its tokens sealed in SQLite. The client renews in its place, once for all who ask.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { OrgOperations } from '@zohocrm/typescript-sdk-8.0/dist/core/com/zoho/crm/api/org/org_operations.js';
import { EncryptedTokenStore, generateKeyring, importKeyring } from 'tokenkeep';
import { zohoClient, zohoTokenStore } from 'tokenkeep/integrations/zoho';
import { sqliteBackend } from 'tokenkeep/sqlite';
import { clientId, clientSecret, dataCenter, grantToken } from './zoho-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-example-'));
const backend = sqliteBackend(join(folder, 'tokens.db'));
const store = new EncryptedTokenStore({ backend, keyring: importKeyring(await generateKeyring()) });

const token = new sdk.OAuthBuilder()
  .clientId(clientId)
  .clientSecret(clientSecret)
  .grantToken(grantToken)
  .userSignature(new sdk.UserSignature('ann'))
  .build();
const builder = await new sdk.InitializeBuilder();
await builder
  .environment(new sdk.Environment(dataCenter.api, `${dataCenter.accounts}/oauth/v2/token`, dataCenter.api))
  .token(token)
  .store(zohoTokenStore(store, sdk, { client: zohoClient({ store, dataCenter, clientId, clientSecret }) }))
  .logger(new sdk.LogBuilder().level(sdk.Levels.OFF).build())
  .initialize();

const answer = await new OrgOperations().getOrganization();
console.log(`the SDK called the API: ${answer.getStatusCode()}`);

const [stored] = await store.getTokens();
console.log(
  `stored for ${stored?.userName}; the SDK knows it as ${token.getId() === stored?.id ? 'the same' : 'another'}`,
);

await token.remove();
console.log(`removed: ${(await store.getTokens()).length} tokens left`);

await backend.close();
rmSync(folder, { recursive: true });
