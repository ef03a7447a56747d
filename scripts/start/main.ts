import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.ts';
import { localSecrets } from './local-secrets.ts';
import { startOptions } from './start-options.ts';
import { type Stack, startStack } from './start-stack.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { port, backend } = startOptions(process.argv.slice(2));

const starting = new AbortController();
let stack: Stack | undefined;
let stopping = false;

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  starting.abort();
  console.log('\nStopping …');
  await stack?.stop();
  process.exit(0);
}
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());

try {
  console.log('Building the library and the page …');
  await buildPage(root);
  stack = await startStack({
    root,
    port,
    backend,
    stateFolder: `${root}/.wrangler/state`,
    secretsFile: await localSecrets(root),
    signal: starting.signal,
    progress: console.log,
    stopped: (output) => {
      if (stopping) return;
      console.error(`The worker stopped by itself.\n${output}`);
      process.exitCode = 1;
      void stop();
    },
  });
  console.log(`
  tokenkeep runs. Open

      ${stack.address}

  and sign in with any name and any password, through the edge or in the page alone.
  Tokens are kept in ${backend === 'd1' ? 'D1' : 'KV'} and in the browser; everything runs on this machine:
  authorization server ${stack.authorizationServer.issuer}, API ${stack.api.url}.
  Press Ctrl-C to stop.
`);
} catch (error) {
  if (!stopping) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
