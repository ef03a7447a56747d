// Changes the key of a store that is in use: add, promote, seal anew, retire. Production takes the same steps, with a deployment
// after each of the first two; `npx tokenkeep keys` and `npx tokenkeep rotate` do them at the command line.
import { changeKeyring, EncryptedTokenStore, generateKeyring, importKeyring, rotateKeys, scrub } from 'tokenkeep';
import { sqliteBackend } from 'tokenkeep/sqlite';

const backend = sqliteBackend(':memory:');
const before = await generateKeyring();
const old = new EncryptedTokenStore({ backend, keyring: importKeyring(before) });
for (let n = 1; n <= 250; n++) await old.saveToken({ userName: `user-${n}`, refreshToken: `refresh-${n}` });
const [{ keyId: oldKey } = { keyId: '' }] = (await importKeyring(before)).info();

// a new key: everybody gets it, and it opens, before anybody seals with it
const pending = await changeKeyring(before, { kind: 'add' });
const newKey = (await importKeyring(pending)).info().find(({ status }) => status === 'pending')?.keyId ?? '';

const promoted = await changeKeyring(pending, { kind: 'promote', keyId: newKey });
const keyring = await importKeyring(promoted);
const store = new EncryptedTokenStore({ backend, keyring });
console.log(`found while both keys are in use: ${(await store.findToken({ userName: 'user-7' })) !== undefined}`);

for await (const { resealed, remaining } of rotateKeys({ backend, keyring, batchSize: 100 })) {
  console.log(`sealed anew: ${resealed}, left: ${remaining}`);
}

const use = await backend.keyUse();
console.log(
  `records that need the old key: ${use.filter(({ keyId, indexKeyId }) => [keyId, indexKeyId].includes(oldKey)).length}`,
);
const disabled = await changeKeyring(promoted, { kind: 'disable', keyId: oldKey });
const last = await importKeyring(await changeKeyring(disabled, { kind: 'remove', keyId: oldKey }));
const found = await new EncryptedTokenStore({ backend, keyring: last }).getTokens();
console.log(`found without the old key: ${found.length}`);

for await (const { checked, total, found } of scrub({ backend, keyring: last })) {
  console.log(`scrubbed ${checked} of ${total}, findings: ${Object.keys(found).length}`);
}
await backend.close();
