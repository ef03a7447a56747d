/**
 * What each folder may import: folders of this repository, and packages with all their subpaths. A folder that is not
 * listed may not exist. `src` itself holds the entry point; `worker` and `web-demo` include their subfolders.
 */
export const importTable: { readonly [folder: string]: readonly string[] } = {
  'src/core': [],
  'src/crypto': ['src/core'],
  'src/backends': ['src/core', 'idb'],
  'src/backends/node': ['src/core', 'src/backends', 'node:fs', 'node:path', 'node:sqlite', 'node:zlib', 'mysql2'],
  'src/store': ['src/core', 'src/crypto'],
  'src/manager': ['src/core'],
  'src/oauth': ['src/core', 'oauth4webapi'],
  'src/vault': ['src/core', 'src/crypto', 'idb'],
  'src/testing': ['src/core'],
  'src/hono': ['src/core', 'src/crypto', 'src/store', 'src/manager', 'src/oauth', 'hono'],
  'src/page': ['src/core', 'src/store', 'src/manager', 'src/oauth'],
  'src/integrations/zoho': ['src/core', 'src/manager', 'src/oauth'],
  'src/importer': ['src/core', 'src/integrations/zoho', 'csv-parse', 'mysql2', 'node:fs', 'node:sqlite'],
  'src/cli': [
    'src/core',
    'src/crypto',
    'src/store',
    'src/backends/node',
    'src/importer',
    'cli-progress',
    'commander',
    'node:fs',
  ],
  src: ['src/core', 'src/crypto', 'src/store', 'src/manager'],
  worker: ['tokenkeep', 'hono', 'cloudflare:workers'],
  'web-demo': ['tokenkeep', 'lit', 'vite'],
};
