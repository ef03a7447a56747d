import { type AuthorizationServer, startAuthorizationServer } from '../local/authorization-server.ts';
import { clients } from '../local/clients.ts';
import { type ProtectedApi, startProtectedApi } from '../local/protected-api.ts';
import { freePort } from './free-port.ts';
import { runTool } from './run-tool.ts';
import type { BackendName } from './start-options.ts';
import { startWorker } from './start-worker.ts';

/** What to start, and where. */
export interface StackOptions {
  /** The checkout, with dist and web-demo/dist built. */
  readonly root: string;
  /** The page's port, or the first free one above it; the servers take the ports after it. */
  readonly port: number;
  readonly backend: BackendName;
  /** Where D1 and KV keep their files. */
  readonly stateFolder: string;
  /** A file like `.dev.vars` with `TOKENKEEP_KEYRING` and `OAUTH_CLIENT_SECRET`. */
  readonly secretsFile: string;
  /** How long access tokens live, in seconds. Default: 120. */
  readonly accessTokenTtl?: number;
  /** Breaks starting off. */
  readonly signal?: AbortSignal;
  /** Told in a line what is under way. */
  readonly progress?: (line: string) => void;
  /** Called when the worker ends without having been stopped, with the last of what it printed. */
  readonly onWorkerEnd?: (output: string) => void;
}

/** Everything that runs, on loopback addresses only. */
export interface Stack {
  /** Where the page is. */
  readonly address: string;
  readonly authorizationServer: AuthorizationServer;
  readonly api: ProtectedApi;
  /** Ends every process and server that was started. */
  stop(): Promise<void>;
}

/** Starts the authorization server, the API and the worker with its databases; resolves when the page answers. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { root, backend, stateFolder, secretsFile, progress = () => {}, onWorkerEnd = () => {} } = options;
  const signal = options.signal ?? new AbortController().signal;
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const port = await freePort(options.port);
    const issuerPort = await freePort(port + 1);
    const apiPort = await freePort(issuerPort + 1);
    const inspectorPort = await freePort(apiPort + 1);
    const address = `http://localhost:${port}`;

    progress('Starting the authorization server and the API …');
    // in KV nobody can be kept from spending one refresh token twice
    const rotation = backend === 'kv' ? 'none' : 'strict';
    const authorizationServer = await startAuthorizationServer({
      port: issuerPort,
      workerRedirectUrls: [`${address}/auth/callback`],
      pageRedirectUrls: [`${address}/`],
      accessTokenTtl: options.accessTokenTtl ?? 120,
      rotation,
    });
    closing.push(authorizationServer.close);
    const api = await startProtectedApi({ issuer: authorizationServer.issuer, port: apiPort });
    closing.push(api.close);

    progress('Preparing the local database …');
    const migrate = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', stateFolder];
    await runTool(root, 'wrangler', migrate, signal);

    progress('Starting the worker …');
    const worker = await startWorker({
      root,
      port,
      inspectorPort,
      stateFolder,
      secretsFile,
      vars: {
        OAUTH_ISSUER: authorizationServer.issuer,
        OAUTH_CLIENT_ID: clients.worker.id,
        API_ORIGIN: api.url,
        TOKEN_BACKEND: backend,
        OAUTH_ROTATION: rotation,
        PAGE_CLIENT_ID: clients.page.id,
        DEMO: 'on',
      },
      signal,
      onEnd: onWorkerEnd,
    });
    closing.push(worker.stop);
    return { address, authorizationServer, api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
