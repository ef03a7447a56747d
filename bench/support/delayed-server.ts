import { setTimeout as pause } from 'node:timers/promises';
import { startHttpServer } from '../../scripts/local/http-server.ts';
import { StrictAuthorizationServer } from '../../test/support/strict-authorization-server.ts';

/** An authorization server that takes its time, as callers reach it: over HTTP, on this machine. */
export interface DelayedServer {
  readonly url: string;
  /** What it knows; `signIn` of it opens a grant. */
  readonly server: StrictAuthorizationServer;
  /** How long every answer takes, in milliseconds, a refusal included. */
  delayMs: number;
  close(): Promise<void>;
}

/**
 * Starts the strict authorization server of the tests: refresh tokens work once, one that comes again ends its grant, and
 * that is so before the answer leaves.
 */
export async function startDelayedServer(clientId: string, delayMs: number): Promise<DelayedServer> {
  const http = await startHttpServer({}, async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '', headers } = incoming;
    const answer = await server.fetch(
      new Request(new URL(url, http.url), {
        method,
        headers: { 'content-type': headers['content-type'] ?? '' },
        ...(method === 'POST' && { body: Buffer.concat(chunks) }),
      }),
    );
    outgoing.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  });
  const client = { clientId, redirectUrl: `${http.url}/unused` };
  const server = new StrictAuthorizationServer({ issuer: http.url, client });
  const delayed = { url: http.url, server, delayMs, close: http.close };
  server.disturb = () => ({ delay: () => pause(delayed.delayMs) });
  return delayed;
}
