import { expect, test } from 'vitest';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { startIsolates } from '../../test/support/start-isolates.ts';
import { type DelayedServer, startDelayedServer } from '../support/delayed-server.ts';
import { type Storm, stormFigures } from '../support/storm.ts';

const clientId = 'storm';
const delayMs = 150;
const slowMs = 1500;
const isolates = 4;
const callers = 40;
const rounds = 7;
const slowRounds = 3;
/** The ways of `storm-worker.ts`. */
const shapes = {
  tokenkeep: 'tokenkeep',
  naive: 'read-refresh-write',
  'per-isolate': 'a promise per isolate',
};

let users = 0;

async function storm(shape: string, { server }: DelayedServer, urls: readonly string[]): Promise<Storm> {
  const user = `user-${++users}`;
  const expired = { ...server.signIn(user), expiresAt: Date.now() - 1000 };
  await send(`${urls[0]}/${user}`, 'PUT', JSON.stringify(expired));
  const { refreshToken } = server.signIn(`${user}-alone`);
  const { ms: callMs } = await send(`${urls[0]}/${user}?upstream`, 'POST', refreshToken);

  const callsBefore = server.ledger.calls.length;
  const answers = await Promise.all(
    Array.from({ length: callers }, (_, n) => send(`${urls[n % urls.length]}/${user}?${shape}`, 'POST')),
  );
  return {
    callers,
    calls: server.ledger.calls.length - callsBefore,
    answered: answers.filter(({ ok }) => ok).length,
    live: answers.filter(({ ok, text }) => ok && server.userOf(text) === user).length,
    alive: server.isGranted(user),
    times: answers.map(({ ms }) => ms),
    callMs,
  };
}

async function send(url: string, method: string, body = '') {
  const start = performance.now();
  const response = await fetch(url, { method, body });
  const text = await response.text();
  return { ok: response.ok, text, ms: performance.now() - start };
}

test('a refresh storm on isolates that share one D1', async ({ task }) => {
  const server = await startDelayedServer(clientId, delayMs);
  const bindings = { KEYRING: await generateKeyring(), ISSUER: server.url, CLIENT_ID: clientId };
  const { urls: addresses, dispose } = await startIsolates('bench/workerd/storm-worker.ts', isolates, bindings);
  const urls = addresses.map(({ origin }) => origin);
  try {
    const storms = new Map<string, Storm[]>(Object.keys(shapes).map((shape) => [shape, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [shape, results] of storms) {
        const result = await storm(shape, server, urls);
        // the first round opens connections and compiles
        if (round > 0) results.push(result);
      }
    }
    server.delayMs = slowMs;
    const slow: Storm[] = [];
    for (let round = 0; round < slowRounds; round++) slow.push(await storm('tokenkeep', server, urls));
    const ours = storms.get('tokenkeep') ?? [];
    task.meta.figures = [
      ...Object.entries(shapes).flatMap(([shape, name]) =>
        stormFigures(`${isolates} isolates, ${name}`, storms.get(shape) ?? [], shape === 'tokenkeep' ? '1' : undefined),
      ),
      ...stormFigures(`${isolates} isolates, tokenkeep, ${slowMs / 1000} s a call`, slow, '1'),
    ];
    const counts = [...ours, ...slow].map(({ calls, live, alive }) => [calls, live, alive]);
    expect(counts).toEqual(Array(rounds + slowRounds).fill([1, callers, true]));
  } finally {
    await dispose();
    await server.close();
  }
});
