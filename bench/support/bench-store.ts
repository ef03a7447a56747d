import type { Keyring } from '../../src/core/keyring.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { accessTokenOf, refreshTokenOf, userOf } from './zoho-like-token.ts';

/** What a token store is timed at, whoever made it. */
export interface BenchStore {
  findByUser(user: string): Promise<unknown>;
  findById(id: string): Promise<unknown>;
  update(user: string, accessToken: string): Promise<unknown>;
  /** Resolves with the id of the new token. */
  insert(user: string, id: string): Promise<string>;
  delete(id: string): Promise<unknown>;
  /** The id of the n-th token, from 1. */
  idOf(n: number): string;
}

/** Our store over this backend, with this many tokens. */
export async function sealedStore(backend: RecordBackend, keyring: Keyring, size: number): Promise<BenchStore> {
  const store = new EncryptedTokenStore({ backend, keyring });
  const save = (user: string, accessToken: string) =>
    store.saveToken({
      userName: user,
      clientId: 'client',
      clientSecret: 'secret',
      accessToken,
      refreshToken: refreshTokenOf(user),
      expiresAt: 4_102_444_800_000,
      apiDomain: 'https://www.zohoapis.com',
    });
  const ids: string[] = [];
  for (let n = 1; n <= size; n++) ids.push((await save(userOf(n), accessTokenOf(userOf(n)))).id);
  return {
    findByUser: (user) => store.findToken({ userName: user }),
    findById: (id) => store.findTokenById(id),
    update: save,
    insert: async (user) => (await save(user, accessTokenOf(user))).id,
    delete: (id) => store.deleteToken(id),
    idOf: (n) => ids[n - 1] as string,
  };
}
