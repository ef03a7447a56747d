import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from './test-keyring.ts';

/** Makes empty stores over one backend: each is of a tenant of its own. */
export function tokenStores(backend: RecordBackend): () => EncryptedTokenStore {
  const keyring = testKeyring();
  return () => new EncryptedTokenStore({ backend, keyring, tenant: crypto.randomUUID() });
}
