import { createServer } from 'node:net';

/**
 * The first port from this one on that nobody listens on, on either loopback address, since a browser tries both for
 * `localhost`.
 *
 * @param taken ports that are spoken for already.
 */
export async function freePort(from: number, taken: readonly number[] = []): Promise<number> {
  for (let port = from; port <= 65_535; port++) {
    if (taken.includes(port)) continue;
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
  throw new Error(`There is no free port from ${from} on. Give another one with --port.`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A system without IPv6 has nobody listening there either.
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
