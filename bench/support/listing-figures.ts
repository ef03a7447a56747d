import type { KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import type { Figure } from './figure.ts';
import { compare } from './ratio.ts';
import { saveSamples } from './save-samples.ts';

/** Reading all tokens, against decrypting as many bytes under one key, and against opening the very records. */
export async function listingFigures(place: string, backend: RecordBackend, count: number): Promise<readonly Figure[]> {
  const keyring = await testKeyring();
  const store = new EncryptedTokenStore({ backend, keyring });
  await saveSamples(store, count);
  const records: KeptRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await backend.page('default/tokens', 1000, cursor);
    records.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined);

  const key = (await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])) as CryptoKey;
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: new Uint8Array(120) };
  const encrypted = await Promise.all(records.map(({ sealed }) => crypto.subtle.encrypt(algorithm, key, sealed)));

  /** As many at once as the store has under way. */
  const inBatches = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
    for (let at = 0; at < items.length; at += 100) await Promise.all(items.slice(at, at + 100).map(work));
  };
  const decrypt = () => inBatches(encrypted, (body) => crypto.subtle.decrypt(algorithm, key, body));
  const open = () =>
    inBatches(records, ({ id, revision, expiresAt, sealed }) =>
      openRecord(keyring, { schema: 1, tenant: 'default', collection: 'tokens', id, revision, expiresAt }, sealed),
    );
  const options = { rounds: 7, batch: 1 };
  const raw = await compare(() => store.getTokens(), decrypt, options);
  const opened = await compare(() => store.getTokens(), open, options);
  const note = (ours: number, plain: number): string =>
    `${place}, ${(ours / 1000).toFixed(0)} against ${(plain / 1000).toFixed(0)} ms`;
  return [
    {
      name: `getTokens of ${count} ÷ decrypting the same bytes under one key`,
      value: raw.ratio.toFixed(2),
      target: '3',
      note: note(raw.ours, raw.plain),
    },
    {
      name: `getTokens of ${count} ÷ opening the same records`,
      value: opened.ratio.toFixed(2),
      note: note(opened.ours, opened.plain),
    },
  ];
}
