import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Serves over HTTP what takes requests in a test. Where it fails as a connection does, the connection fails.
 *
 * @returns a handler for Node's HTTP server.
 */
export function fetchOverHttp(
  fetch: (request: Request) => Promise<Response>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const { method = 'GET', headers, url = '/' } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = new Request(new URL(url, `http://${headers.host}`), {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, `${value}`] as [string, string]),
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    try {
      const answer = await fetch(request);
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    } catch {
      incoming.socket.resetAndDestroy();
    }
  };
}
