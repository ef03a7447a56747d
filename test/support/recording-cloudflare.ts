import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for Cloudflare's API that takes note of what it is asked to start, and refuses it. */
export interface RecordingCloudflare {
  /** What wrangler reads from its environment to use it. */
  readonly env: NodeJS.ProcessEnv;
  /** The bindings of the workers that were to be started, with the names of these. */
  readonly started: { readonly worker: string; readonly bindings: unknown }[];
  close(): Promise<void>;
}

const account = 'a'.repeat(32);

export async function recordingCloudflare(): Promise<RecordingCloudflare> {
  const started: { worker: string; bindings: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, worker] = /\/workers\/scripts\/([^/]+)\/edge-preview/.exec(request.url ?? '') ?? [];
    const [, bindings] = /"bindings":(\[.*?\])/.exec(Buffer.concat(chunks).toString()) ?? [];
    const isStart = worker !== undefined && bindings !== undefined;
    if (isStart) started.push({ worker, bindings: JSON.parse(bindings) });
    const errors = isStart ? [{ code: 10000, message: 'refused' }] : [];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: !isStart, errors, messages: [], result: {} }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
      CLOUDFLARE_API_TOKEN: 'api-token-of-the-tests',
      CLOUDFLARE_ACCOUNT_ID: account,
    },
    started,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
