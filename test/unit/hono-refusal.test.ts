import { describe, expect, test } from 'vitest';
import { type ErrorCode, TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { callbackRefusalOf, refusalOf } from '../../src/hono/refusal.ts';

describe('what strangers are told of an error', () => {
  test.each<[ErrorCode, number]>([
    ['E_INPUT', 400],
    ['E_CALLBACK', 400],
    ['E_REAUTH', 401],
    ['E_OAUTH', 502],
    ['E_NETWORK', 502],
    ['E_STORAGE', 503],
    ['E_QUOTA', 503],
    ['E_CONFLICT', 503],
    ['E_CONFIG', 503],
    ['E_KEYRING', 503],
    ['E_KEY_UNKNOWN', 503],
    ['E_AUTH', 503],
    ['E_FORMAT', 503],
    ['E_UNSUPPORTED', 503],
  ])('%s is %d, with its code and its advice', (code, status) => {
    expect(refusalOf(new TokenkeepError(code, 'do this'))).toEqual({ status, code, message: 'do this' });
  });

  test.each<ErrorCode>(['E_TIMEOUT', 'E_UNAVAILABLE'])('%s is 503 and says when to try again', (code) => {
    const refusal = { status: 503, code, message: 'do this' };
    expect(refusalOf(new TokenkeepError(code, 'do this'))).toEqual({ ...refusal, retryAfterMs: 1000 });
    const detail = { retryAfterMs: 7000 };
    expect(refusalOf(new TokenkeepError(code, 'do this', detail))).toEqual({ ...refusal, ...detail });
  });

  test('why the user has to sign in is passed on', () => {
    const error = new TokenkeepError('E_REAUTH', 'sign in', { reason: 'interrupted' });
    expect(refusalOf(error)).toEqual({ status: 401, code: 'E_REAUTH', message: 'sign in', reason: 'interrupted' });
  });

  test('a server’s wish to wait is passed on', () => {
    const error = new TokenkeepError('E_OAUTH', 'wait', { oauthError: 'temporarily_unavailable', retryAfterMs: 3000 });
    expect(refusalOf(error).retryAfterMs).toBe(3000);
  });

  test.each<[unknown, string]>([
    [new TypeError('sentinel'), 'TypeError'],
    [new Error('sentinel', { cause: 'sentinel' }), 'Error'],
    [new DOMException('sentinel', 'OperationError'), 'DOMException'],
    ['sentinel', 'string'],
    [{ message: 'sentinel' }, 'object'],
    [null, 'object'],
    [undefined, 'undefined'],
  ])('an error of somebody else is 500, and says only what kind it is', (error, kind) => {
    const { status, code, message } = refusalOf(error);
    expect([status, code]).toEqual([500, 'E_UNEXPECTED']);
    expect(message).toContain(`(${kind})`);
    expect(message).not.toContain('sentinel');
  });

  test.each<[string | undefined, number]>([
    [undefined, 400],
    ['access_denied', 401],
    ['invalid_grant', 401],
    ['invalid_scope', 401],
    ['server_error', 400],
    ['temporarily_unavailable', 400],
  ])('a callback that ended with %s is %d', (oauthError, status) => {
    const detail = oauthError === undefined ? {} : { oauthError };
    expect(callbackRefusalOf(new TokenkeepError('E_CALLBACK', 'again', detail)).status).toBe(status);
  });

  test('a server that does not know us is not the user’s fault', () => {
    const error = new TokenkeepError('E_OAUTH', 'check', { oauthError: 'invalid_client' });
    expect(callbackRefusalOf(error).status).toBe(502);
  });
});
