import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A running HTTP server. */
export interface HttpServer {
  readonly url: string;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

/** Starts an HTTP server on this machine. A request whose handler fails gets 500, and the server goes on. */
export async function startHttpServer(
  { port = 0, host = '127.0.0.1' }: { readonly port?: number | undefined; readonly host?: string | undefined },
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<HttpServer> {
  const http = createServer(async (request, response) => {
    try {
      await handle(request, response);
    } catch {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  });
  http.listen(port, host);
  await once(http, 'listening');
  return {
    url: `http://${host}:${(http.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(http, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}
