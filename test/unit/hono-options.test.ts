import { describe, expect, test } from 'vitest';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { checkOptions } from '../../src/hono/check-options.ts';
import type { EdgeOptions } from '../../src/hono/edge-options.ts';

const client = { provider: { issuer: 'https://login.example' }, clientId: 'client', scope: [] };
const options = (change: object): EdgeOptions => ({ client, ...change }) as unknown as EdgeOptions;

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
  ])('are refused with the name of %s, and without its value: %j', (name, change) => {
    const { code, message } = refusal(change);
    expect(code).toBe('E_CONFIG');
    expect(message).toContain(name);
    expect(message).not.toMatch(/sentinel/i);
  });
});
