import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Send, transport } from '../../src/oauth/transport.ts';

const url = 'https://server.example/token';
const send = (fetch: typeof globalThis.fetch, more: object = {}): ReturnType<Send> =>
  transport({ fetch, ...more })(url, { method: 'POST' });
const failing = (failure: unknown) => send(() => Promise.reject(failure));
/** An error of Node's `fetch`. */
const caused = (cause: unknown) => Object.assign(new TypeError('fetch failed'), { cause });

/** Makes the runtime say whether it has a network, as browsers do. The object stays: WebKit lets nobody replace it. */
function say(onLine: () => boolean): void {
  if (globalThis.navigator === undefined) vi.stubGlobal('navigator', {});
  Object.defineProperty(navigator, 'onLine', { configurable: true, get: onLine });
}

describe('A request that failed', () => {
  afterEach(() => {
    if (globalThis.navigator !== undefined) Reflect.deleteProperty(navigator, 'onLine');
    vi.unstubAllGlobals();
  });

  test.for([
    { code: 'ECONNREFUSED', syscall: 'connect' },
    { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
    { code: 'EAI_AGAIN', syscall: 'getaddrinfo' },
    { code: 'EHOSTUNREACH', syscall: 'connect' },
    { code: 'ENETUNREACH', syscall: 'connect' },
    { code: 'UND_ERR_CONNECT_TIMEOUT' },
    { code: 'CERT_HAS_EXPIRED' },
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    {
      code: 'ECONNREFUSED',
      errors: [
        { code: 'ENETUNREACH', syscall: 'connect' },
        { code: 'ECONNREFUSED', syscall: 'connect' },
      ],
    },
  ])('was certainly not sent after %j', async (cause) => {
    await expect(failing(caused(cause))).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: false });
  });

  test.for([
    { code: 'ECONNRESET', syscall: 'read' },
    { code: 'EPIPE', syscall: 'write' },
    { code: 'EHOSTUNREACH', syscall: 'read' },
    { code: 'ENETUNREACH' },
    { code: 'ETIMEDOUT', syscall: 'read' },
    { code: 'UND_ERR_SOCKET' },
    { code: 'UND_ERR_HEADERS_TIMEOUT' },
    { code: 'ECONNREFUSED', errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNRESET', syscall: 'read' }] },
    { errors: [] },
    {},
    'ECONNREFUSED',
    null,
    undefined,
  ])('may have reached the server after %j', async (cause) => {
    await expect(failing(caused(cause))).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: true });
  });

  test.for([undefined, null, 'Network connection lost.', new Error('Network connection lost.')])(
    'may have reached the server when nothing is known of the failure: %s',
    async (failure) => {
      await expect(failing(failure)).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: true });
    },
  );

  test('was not sent from a device that is offline', async () => {
    say(() => false);
    await expect(failing(new TypeError())).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: false });
  });

  test('may have been sent when the device went offline meanwhile, or came back', async () => {
    for (const before of [true, false]) {
      let onLine = before;
      say(() => onLine);
      const turning = async () => {
        onLine = !before;
        throw new TypeError();
      };
      await expect(send(turning)).rejects.toMatchObject({ code: 'E_NETWORK', inDoubt: true });
      expect(onLine).toBe(!before);
    }
  });

  test('says what ended it', async () => {
    const never = (_url: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const message = (text: string) => ({ code: 'E_NETWORK', inDoubt: true, message: expect.stringContaining(text) });
    await expect(send(never, { timeoutMs: 20 })).rejects.toMatchObject(message('within 20 ms'));
    const signal = AbortSignal.timeout(20);
    await expect(send(never, { timeoutMs: Infinity, signal })).rejects.toMatchObject(message('in time'));
    const controller = new AbortController();
    const ended = send(never, { signal: controller.signal });
    controller.abort();
    await expect(ended).rejects.toMatchObject(message('was ended'));
  });

  test('is not even begun for a signal that was given before', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const failure = { code: 'E_NETWORK', inDoubt: false };
    await expect(send(fetch, { signal: AbortSignal.abort() })).rejects.toMatchObject(failure);
    expect(fetch).not.toHaveBeenCalled();
  });
});
