// The article's flow without an SDK, as it runs in Node, in a Worker, anywhere: a grant token, tokens stored, an API call,
// a silent renewal, and the end of it.
import { EncryptedTokenStore, generateKeyring, importKeyring } from 'tokenkeep';
import { zohoClient } from 'tokenkeep/integrations/zoho';
import { memoryBackend } from 'tokenkeep/memory';
import { clientId, clientSecret, dataCenter, grantToken } from './zoho-settings.ts';

const keyring = importKeyring(await generateKeyring()); // in earnest: made once, and kept where the tokens are not
const store = new EncryptedTokenStore({ backend: memoryBackend(), keyring });
const client = zohoClient({
  store,
  dataCenter,
  clientId,
  clientSecret,
  onEvent: ({ type }) => console.log(`event: ${type}`),
});

const saved = await client.redeem(grantToken, { userName: 'ann' });
console.log(`stored for ${saved.userName}, until ${new Date(saved.expiresAt ?? 0).toISOString()}`);

const { fetch, getToken } = client.source({ userName: 'ann' });
const response = await fetch('/crm/v8/org');
console.log(`called the API: ${response.status}`);

await store.saveToken({ id: saved.id, expiresAt: Date.now() }); // an hour later
console.log(`after the hour: ${(await getToken()).outcome}, the user has noticed nothing`);

console.log(`signed out: ${await client.revoke({ userName: 'ann' })}, ${(await store.getTokens()).length} tokens left`);
