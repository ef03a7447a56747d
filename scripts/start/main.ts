import { resolve } from 'node:path';
import { buildPage } from './build-page.ts';
import { localSecrets } from './local-secrets.ts';
import { startOptions } from './start-options.ts';
import { type Stack, startStack } from './start-stack.ts';

const root = resolve(import.meta.dirname, '../..');
const { port, backend } = startOptions(process.argv.slice(2));
const places = {
  d1: 'D1',
  kv: 'KV (where refresh tokens do not rotate)',
  'd1+kv': 'D1 (access tokens also in KV, for a minute)',
} as const;
const stopped = new AbortController();

async function start(): Promise<Stack> {
  console.log('Building the library and the page …');
  await buildPage(root, stopped.signal);
  const stack = await startStack({
    root,
    port,
    backend,
    stateFolder: resolve(root, '.wrangler/state'),
    secretsFile: await localSecrets(root),
    signal: stopped.signal,
    progress: console.log,
    onWorkerEnd: (output) => {
      console.error(`The worker stopped by itself.\n${output}`);
      void stop(1);
    },
  });
  console.log(`
  tokenkeep runs. Open

      ${stack.address}

  and sign in with any name, through the edge or in the page alone.
  Tokens are kept in ${places[backend]} and in the browser; everything runs on this machine:
  authorization server ${stack.authorizationServer.issuer}, API ${stack.api.url}.
  Press Ctrl-C to stop.
`);
  return stack;
}

async function stop(code: number): Promise<void> {
  if (stopped.signal.aborted) return;
  stopped.abort();
  console.log('\nStopping …');
  // Starting, once broken off, ends what it has started by itself.
  const stack = await starting.catch(() => undefined);
  await stack?.stop();
  process.exit(code);
}

for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(event, () => void stop(0));

const starting = start();
starting.catch((error: unknown) => {
  if (stopped.signal.aborted) return;
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
