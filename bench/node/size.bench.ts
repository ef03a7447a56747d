import { readdirSync, readFileSync } from 'node:fs';
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

/** What of oauth4webapi the library uses. */
function usedOfEngine(): string {
  const folder = new URL('../../dist/oauth/', import.meta.url);
  const modules = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const code = modules.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  return [...new Set(Array.from(code.matchAll(/\bengine\.(\w+)/g), ([, name]) => name))].join(', ');
}

test('what has to be loaded', async ({ task }) => {
  const store = `export { EncryptedTokenStore } from ${at('store/encrypted-token-store.js')};
    export { indexedDbBackend } from ${at('backends/indexeddb-backend.js')};`;
  const client = `${store}
    export { OneTimeStore } from ${at('store/one-time-store.js')};
    export { deviceSlot, openVault } from ${at('vault/index.js')};
    export { createPageClient } from ${at('page/index.js')};`;
  const encrypted = `export { EncryptedTokenStore } from ${at('store/encrypted-token-store.js')};
    export { importKeyring } from ${at('crypto/import-keyring.js')};`;
  const renewing = `${encrypted}
    export { createTokenSource } from ${at('manager/create-token-source.js')};`;
  const idb = await sizeOf(`export { openDB } from 'idb';`);
  const engine = await sizeOf(`export { ${usedOfEngine()} } from 'oauth4webapi';`);
  const [alone, whole] = [await sizeOf(store), await sizeOf(client)];
  const [without, source] = [await sizeOf(encrypted), await sizeOf(renewing)];
  task.meta.figures = [
    {
      name: 'store + IndexedDB + crypto, gzip',
      value: kilobytes(alone),
      target: '6.0 kB',
      note: `idb is ${kilobytes(idb)} of it`,
    },
    {
      name: 'createTokenSource + store + crypto, gzip',
      value: kilobytes(source),
      note: `createTokenSource adds ${kilobytes(source - without)} to store and crypto; any backend comes on top`,
    },
    {
      name: 'a whole page client with OAuth, gzip',
      value: kilobytes(whole),
      target: '15.0 kB',
      note: `idb and oauth4webapi are ${kilobytes(idb + engine)} of it`,
    },
  ];
  expect(whole).toBeGreaterThan(alone);
  expect(source).toBeGreaterThan(without);
});
