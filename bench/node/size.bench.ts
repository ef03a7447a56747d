import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** The minified size of a page that imports this, and how much of it is named libraries, in bytes after gzip. */
async function sizeOf(code: string): Promise<number> {
  const entry = 'virtual:entry';
  const result = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      { name: 'entry', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) },
    ],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict', output: { format: 'es' } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  return gzipSync(output.output[0].code, { level: 9 }).length;
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
const at = (path: string): string => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).pathname);

test('what a page has to load', async ({ task }) => {
  const store = `export { EncryptedTokenStore } from ${at('store/encrypted-token-store.js')};
    export { indexedDbBackend } from ${at('backends/indexeddb-backend.js')};`;
  const client = `${store}
    export { OneTimeStore } from ${at('store/one-time-store.js')};
    export { deviceKeyring } from ${at('vault/index.js')};
    export { createPageClient } from ${at('page/index.js')};`;
  const idb = await sizeOf(`export { openDB } from 'idb';`);
  const engine = await sizeOf(
    `export { AuthorizationResponseError, ClientSecretBasic, ClientSecretPost, None, OperationProcessingError,
      UnsupportedOperationError, allowInsecureRequests, authorizationCodeGrantRequest, calculatePKCECodeChallenge,
      clockSkew, customFetch, discoveryRequest, generateRandomCodeVerifier, generateRandomNonce, generateRandomState,
      getValidatedIdTokenClaims, processAuthorizationCodeResponse, processDiscoveryResponse,
      processRefreshTokenResponse, refreshTokenGrantRequest, revocationRequest, validateAuthResponse
    } from 'oauth4webapi';`,
  );
  const [alone, whole] = [await sizeOf(store), await sizeOf(client)];
  task.meta.figures = [
    {
      name: 'store + IndexedDB + crypto, gzip',
      value: kilobytes(alone),
      target: '6.0 kB',
      note: `idb is ${kilobytes(idb)} of it`,
    },
    {
      name: 'a whole page client with OAuth, gzip',
      value: kilobytes(whole),
      target: '15.0 kB',
      note: `idb and oauth4webapi are ${kilobytes(idb + engine)} of it`,
    },
  ];
  expect(whole).toBeGreaterThan(alone);
});
