import { type AccessTokenCache, accessTokenCache, importKeyring, type KeyringSource } from 'tokenkeep';

/**
 * Access tokens in KV, in front of D1. The cache proper is made for each call, because the settings outlive a request, and
 * what one request is waiting for must not be waited for by another.
 */
export function cachedAccessTokens(namespace: KVNamespace, source: KeyringSource | undefined): AccessTokenCache {
  const open = async (): Promise<AccessTokenCache> =>
    accessTokenCache({ namespace, keyring: await importKeyring(source) });
  return {
    read: async (query) => (await open()).read(query),
    write: async (query, token, askedAt) => (await open()).write(query, token, askedAt),
    forget: async (query) => (await open()).forget(query),
  };
}
