import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { runTool } from '../support/run-tool.ts';

const { settings, drop } = await mariadbDatabase(inject('mariadb'));
const { host, port, user, password, database } = settings;
const compatibility = { date: '2026-11-01', flags: ['nodejs_compat'] };

/** The worker as one module, as it would be deployed. */
async function bundledWorker(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-worker-'));
  const config = {
    name: 'mysql',
    main: fileURLToPath(new URL('mysql-worker.ts', import.meta.url)),
    compatibility_date: compatibility.date,
    compatibility_flags: compatibility.flags,
  };
  try {
    writeFileSync(join(folder, 'wrangler.json'), JSON.stringify(config));
    const tool = await runTool(
      'wrangler',
      'deploy',
      '--dry-run',
      '--outdir',
      folder,
      '-c',
      join(folder, 'wrangler.json'),
    );
    if (tool.code !== 0) throw new Error(tool.output);
    return readFileSync(join(folder, 'mysql-worker.js'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const worker = new Miniflare(
  convertV4MiniflareOptions({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundledWorker() }],
    compatibilityDate: compatibility.date,
    compatibilityFlags: compatibility.flags,
    host: '127.0.0.1',
    port: 0,
    cf: false,
    hyperdrives: { HYPERDRIVE: `mysql://${user}:${password}@${host}:${port}/${database}` },
  }),
);
const url = await worker.ready;

afterAll(async () => {
  await worker.dispose();
  await drop();
});

describe('in a Worker, by way of a Hyperdrive binding, the MySQL backend', () => {
  for (const [n, { name }] of recordBackendContract(() => mysqlBackend()).entries()) {
    test(name, async () => {
      const response = await fetch(new URL(`/${n}`, url));
      expect(await response.text()).toBe('kept');
    });
  }
});
