import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { checkOptions } from '../../src/hono/check-options.ts';
import type { EdgeOptions } from '../../src/hono/edge-options.ts';

const client = { provider: { issuer: 'https://login.example' }, clientId: 'client', scope: [] };
const backend = memoryBackend();
const options = (change: object): EdgeOptions => ({ backend, client, ...change }) as unknown as EdgeOptions;

function refusal(change: object): TokenkeepError {
  try {
    checkOptions(options(change));
  } catch (error) {
    return error as TokenkeepError;
  }
  throw new Error('nothing was refused');
}

describe('the options of the routes', () => {
  test.each<object>([
    {},
    { api: undefined, origin: undefined },
    { api: 'https://api.example/v2/' },
    { api: 'http://localhost:9100' },
    { origin: 'https://app.example' },
    { origin: 'http://localhost:8787' },
    { sessionMs: 1 },
    { sessionMs: 400 * 86_400_000 },
    { idleMs: 60_000 },
    { idleMs: 400 * 86_400_000 },
    { client: { ...client, provider: { issuer: 'http://127.0.0.1:9000' } } },
  ])('are taken when they are in order: %j', (change) => {
    expect(() => checkOptions(options(change))).not.toThrow();
  });

  test.each<[string, object]>([
    ['client.provider.issuer', { client: { ...client, provider: { issuer: 'sentinel' } } }],
    ['client.provider.issuer', { client: { ...client, provider: { issuer: 'http://sentinel.example' } } }],
    ['client.clientId', { client: { ...client, clientId: '' } }],
    ['api', { api: '' }],
    ['api', { api: '/sentinel' }],
    ['api', { api: 'http://sentinel.example' }],
    ['api', { api: 'https://api.example/?sentinel' }],
    ['api', { api: 'https://api.example/#sentinel' }],
    ['api', { api: 'https://sentinel:sentinel@api.example/' }],
    ['origin', { origin: '' }],
    ['origin', { origin: 'sentinel.example' }],
    ['origin', { origin: 'https://sentinel.example/' }],
    ['origin', { origin: 'https://SENTINEL.example' }],
    ['origin', { origin: 'http://sentinel.example' }],
    ['sessionMs', { sessionMs: 0 }],
    ['sessionMs', { sessionMs: -1 }],
    ['sessionMs', { sessionMs: Number.NaN }],
    ['sessionMs', { sessionMs: Number.POSITIVE_INFINITY }],
    ['sessionMs', { sessionMs: 401 * 86_400_000 }],
    ['sessionMs', { sessionMs: 1.5 }],
    ['idleMs', { idleMs: 59_999 }],
    ['idleMs', { idleMs: Number.NaN }],
    ['idleMs', { idleMs: 401 * 86_400_000 }],
  ])('are refused with the name of %s, and without its value: %j', (name, change) => {
    const { code, message } = refusal(change);
    expect(code).toBe('E_CONFIG');
    expect(message).toContain(name);
    expect(message).not.toMatch(/sentinel/i);
  });

  const weak = { ...backend, capabilities: { ...backend.capabilities, compareAndSet: false } };

  test('are refused when two requests could spend one refresh token, with what to do about it', () => {
    for (const provider of [client.provider, { ...client.provider, rotation: 'strict' }]) {
      const { code, message } = refusal({ backend: weak, client: { ...client, provider } });
      expect(code).toBe('E_UNSUPPORTED');
      for (const way of ['D1', 'client.provider.rotation', 'role']) expect(message).toContain(way);
    }
  });

  test.each<object>([
    { client: { ...client, provider: { ...client.provider, rotation: 'none' } } },
    { role: 'refresher' },
    { role: 'reader' },
  ])('are taken without compare-and-set where nobody can: %j', (change) => {
    expect(() => checkOptions(options({ backend: weak, ...change }))).not.toThrow();
  });
});
