import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startZohoServer } from '../test/support/zoho-server.ts';

// Runs a program of examples/ against a Zoho of this machine, unless the environment names a client at the real one.
const folder = join(import.meta.dirname, '..', 'examples');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'zoho-settings.ts')
  .map((name) => name.slice(0, -3));
const [name = ''] = process.argv.slice(2);

if (!names.includes(name)) {
  console.error(`Use: npm run example NAME, which is one of ${names.join(', ')}`);
  process.exit(2);
}

const zoho = process.env.ZOHO_CLIENT_ID ? undefined : await startZohoServer();
const standIn = zoho && {
  ZOHO_DATA_CENTER: JSON.stringify(zoho.dataCenter),
  ZOHO_CLIENT_ID: zoho.client.clientId,
  ZOHO_CLIENT_SECRET: zoho.client.clientSecret,
  ZOHO_GRANT_TOKEN: zoho.grant('ann'),
};
const child = spawn('node', [join(folder, `${name}.ts`)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1', ...standIn },
});
child.on('exit', async (code) => {
  await zoho?.close();
  process.exitCode = code ?? 1;
});
