import { expect, test } from 'vitest';
import { type ErrorCode, type ErrorDetail, TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { renewalFailure } from '../../src/manager/renewal-failure.ts';

const failing = (code: ErrorCode, detail?: ErrorDetail) =>
  renewalFailure(new TokenkeepError(code, 'failed', detail), 5000);
const busy = 'temporarily_unavailable';

test.each([
  [failing('E_OAUTH', { oauthError: 'invalid_grant' }), { kind: 'refused' }],
  [failing('E_REAUTH'), { kind: 'refused' }],
  [failing('E_CONFIG'), { kind: 'misconfigured' }],
  [failing('E_OAUTH', { oauthError: 'invalid_client' }), { kind: 'misconfigured', oauthError: 'invalid_client' }],
  [failing('E_OAUTH', { oauthError: 'invalid_request' }), { kind: 'misconfigured', oauthError: 'invalid_request' }],
  [failing('E_OAUTH', { oauthError: busy }), { kind: 'unavailable', inDoubt: false, oauthError: busy }],
  [failing('E_OAUTH', { oauthError: 'server_error' }), { kind: 'unavailable', inDoubt: true }],
  [failing('E_OAUTH', { oauthError: 'server_error', inDoubt: false }), { kind: 'unavailable', inDoubt: false }],
  [failing('E_OAUTH'), { kind: 'unavailable', inDoubt: true }],
  [failing('E_NETWORK'), { kind: 'unavailable', inDoubt: true }],
  [failing('E_NETWORK', { oauthError: 'invalid_grant' }), { kind: 'unavailable', inDoubt: true }],
  [failing('E_NETWORK', { inDoubt: false }), { kind: 'unavailable', inDoubt: false }],
  [renewalFailure(new Error('of somebody else'), 5000), { kind: 'unavailable', inDoubt: true }],
  [renewalFailure('no error at all', 5000), { kind: 'unavailable', inDoubt: true }],
])('%o is %o', (failure, expected) => {
  expect(failure).toMatchObject(expected);
});

test('the time to wait is the one the server asks for, or a few seconds, and differs from caller to caller', () => {
  const waits = (code: ErrorCode, detail?: ErrorDetail) =>
    Array.from({ length: 200 }, () => {
      const failure = failing(code, detail);
      return 'coolingMs' in failure ? failure.coolingMs : 0;
    });
  const ranges = [
    [waits('E_NETWORK'), 2000, 3000],
    [waits('E_OAUTH', { oauthError: 'server_error' }), 5000, 7500],
    [waits('E_OAUTH', { oauthError: 'invalid_client' }), 30_000, 40_000],
    [waits('E_OAUTH', { oauthError: busy, retryAfterMs: 3_600_000 }), 3_600_000, 3_610_000],
    [waits('E_OAUTH', { oauthError: busy }), 5000, 7500],
    [waits('E_OAUTH', { oauthError: busy, retryAfterMs: 0 }), 1000, 1500],
    [waits('E_OAUTH', { oauthError: busy, retryAfterMs: Number.NaN }), 1000, 1500],
    [waits('E_OAUTH', { oauthError: busy, retryAfterMs: 1e12 }), 86_400_000, 86_410_000],
  ] as const;
  for (const [values, least, most] of ranges) {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...values)).toBeLessThanOrEqual(most);
    expect(new Set(values).size).toBeGreaterThan(10);
  }
});
