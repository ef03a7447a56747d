import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { memoryBackend } from '../../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../../src/core/record-backend.ts';
import { zohoDataCenters, zohoTokenStore } from '../../../src/integrations/zoho/index.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../test-keyring.ts';
import { heldFields, type SdkFields, sdkToken } from './sdk-fields.ts';

/** When everything happens. */
export const now = Date.UTC(2026, 10, 23);
export const inAnHour = String(now + 3_600_000);
export const secrets = [
  'secret-of-the-client-0123',
  'grant-token-of-ann-0123',
  'refresh-token-of-ann-0123',
  'access-token-of-ann-0123',
];
export const [secret, grant, refresh, access] = secrets as [string, string, string, string];
export const ann: SdkFields = {
  user: 'ann@example.com:60001',
  client: '1000.CLIENT',
  secret,
  redirect: 'https://app.example/callback',
  grant,
  refresh,
  access,
  expires: inAnHour,
  api: zohoDataCenters.eu.api,
};

/** A store over a backend, with what it takes to save and to find. */
export async function sdkStore(backend: RecordBackend = memoryBackend()) {
  const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  const own = zohoTokenStore(store, sdk, { now: () => now });
  const saved = async (fields: SdkFields): Promise<SdkFields> => {
    const one = sdkToken(fields);
    await own.saveToken(one);
    return heldFields(one);
  };
  return { store, own, saved, find: async (fields: SdkFields) => heldFields(await own.findToken(sdkToken(fields))) };
}
