import { beforeEach, describe, expect, test } from 'vitest';
import type { TokenSource, TokenSourceOptions } from '../../src/manager/token-source.ts';
import { expectCode } from '../support/expect-code.ts';
import { door, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const api = 'https://api.example';
const minute = 60_000;
let rig: SourceRig;
/** What the API got. */
let sent: Request[];
let answer: (request: Request) => Response | Promise<Response>;
const authorization = () => sent.map((request) => request.headers.get('authorization'));
const refusingFirst = (request: Request) =>
  new Response(null, { status: request.headers.get('authorization') === 'Bearer access-1' ? 401 : 200 });

const fetching = (options: Partial<TokenSourceOptions> = {}): TokenSource['fetch'] =>
  rig.source({
    allowedOrigins: [api],
    fetch: async (input, init) => {
      const request = new Request(input, init);
      sent.push(request.clone());
      return answer(request);
    },
    ...options,
  }).fetch;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(minute);
  sent = [];
  answer = () => new Response('hello');
});

describe('the fetch of a token source', () => {
  test('sends the token after its type, in place of any other authorization', async () => {
    const response = await fetching()(`${api}/me`, {
      headers: { Authorization: 'Bearer another', Accept: 'text/plain' },
    });
    expect(await response.text()).toBe('hello');
    expect(authorization()).toEqual(['Bearer access-1']);
    expect(sent[0]?.headers.get('accept')).toBe('text/plain');
    await rig.store.saveToken({ id: rig.saved.id, tokenType: 'Zoho-oauthtoken' });
    await fetching()(new Request(`${api}/crm`, { method: 'DELETE' }));
    expect(authorization()[1]).toBe('Zoho-oauthtoken access-1');
    expect(sent[1]?.method).toBe('DELETE');
  });

  test('sends nothing to an origin that is not allowed, and allows none by itself', async () => {
    for (const url of [`${api}.evil.example/`, 'https://api.example:8443/', 'http://api.example/']) {
      await expectCode('E_CONFIG', fetching()(url));
    }
    await expectCode('E_CONFIG', fetching({ allowedOrigins: [] })(`${api}/me`));
    expect(sent).toEqual([]);
  });

  test.each([
    'https://api.example/',
    'https://api.example/v2',
    'http://api.example',
    'api.example',
    'https://u:p@api.example',
  ])('refuses %s as an allowed origin', (origin) => {
    expect(() => fetching({ allowedOrigins: [origin] })).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  });

  test('never follows a redirect', async () => {
    await fetching()(`${api}/me`);
    await fetching()(`${api}/me`, { redirect: 'manual' });
    expect(['error', 'manual']).toContain(sent[0]?.redirect);
    expect(sent[1]?.redirect).toBe('manual');
  });

  test('renews after a 401 and sends the request once more, body and all', async () => {
    answer = refusingFirst;
    const response = await fetching()(`${api}/notes`, { method: 'POST', body: 'the whole body' });
    expect(response.status).toBe(200);
    expect(authorization()).toEqual(['Bearer access-1', 'Bearer access-2']);
    expect(await Promise.all(sent.map((request) => request.text()))).toEqual(['the whole body', 'the whole body']);
  });

  test('sends a request object with a body once more as well', async () => {
    answer = refusingFirst;
    const request = new Request(`${api}/notes`, { method: 'PUT', body: 'the whole body' });
    expect((await fetching()(request)).status).toBe(200);
    expect(await Promise.all(sent.map((one) => one.text()))).toEqual(['the whole body', 'the whole body']);
  });

  test('sends a stream once, and has the token renewed for the next request', async () => {
    answer = refusingFirst;
    const body = new Blob(['streamed']).stream();
    // a type of the option that not every runtime knows, and every one demands
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await fetching()(`${api}/notes`, init)).status).toBe(401);
    expect(sent).toHaveLength(1);
    expect((await fetching()(`${api}/me`)).status).toBe(200);
    expect(rig.calls).toHaveLength(1);
  });

  test('sends a request again whose own body was read before, with the body that was given in its place', async () => {
    const request = new Request(`${api}/notes`, { method: 'POST', body: 'one' });
    await request.text();
    answer = refusingFirst;
    expect((await fetching()(request, { body: 'another' })).status).toBe(200);
    expect(await Promise.all(sent.map((one) => one.text()))).toEqual(['another', 'another']);
  });

  test('drops the body of a 401 that nobody gets', async () => {
    let cancelled = 0;
    const cancel = () => {
      cancelled++;
      throw new Error('the connection is gone');
    };
    answer = (request) =>
      refusingFirst(request).ok ? new Response('hello') : new Response(new ReadableStream({ cancel }), { status: 401 });
    const renews = rig.answer;
    rig.answer = unreachable({ inDoubt: false });
    await expectCode('E_UNAVAILABLE', fetching()(`${api}/me`));
    expect(cancelled).toBe(1);
    rig.pass(minute);
    rig.answer = renews;
    expect((await fetching()(`${api}/me`)).ok).toBe(true);
    expect(cancelled).toBe(2);
  });

  test('returns the second 401 as it is', async () => {
    answer = () => new Response('no', { status: 401 });
    const response = await fetching()(`${api}/me`);
    expect([response.status, await response.text()]).toEqual([401, 'no']);
    expect(authorization()).toEqual(['Bearer access-1', 'Bearer access-2']);
  });

  test('does not renew again and again because an API refuses every token', async () => {
    answer = () => new Response('no', { status: 401 });
    for (let i = 0; i < 5; i++) await fetching()(`${api}/me`);
    expect(rig.calls).toHaveLength(1);
    expect(sent).toHaveLength(6);
  });

  test('renews once for requests that were refused together', async () => {
    answer = refusingFirst;
    const fetch = fetching();
    const responses = await Promise.all(Array.from({ length: 10 }, (_, i) => fetch(`${api}/${i}`)));
    expect(responses.every(({ ok }) => ok)).toBe(true);
    expect(rig.calls).toHaveLength(1);
  });

  test("does not repeat a request with the token of another user's sign-in", async () => {
    answer = async () => {
      await rig.store.deleteToken(rig.saved.id);
      const { issuer, clientId } = rig.saved as { issuer: string; clientId: string };
      await rig.store.saveToken({ userName: 'ann', issuer, clientId, accessToken: 'anew', refreshToken: 'anew-too' });
      return new Response(null, { status: 401 });
    };
    expect((await fetching()(`${api}/me`)).status).toBe(401);
    expect(sent).toHaveLength(1);
  });

  test('passes other answers on untouched, and streams them', async () => {
    answer = () => new Response(new Blob(['a', 'b']).stream(), { status: 403, headers: { 'X-Kept': 'yes' } });
    const response = await fetching()(`${api}/me`);
    expect([response.status, response.headers.get('x-kept'), await response.text()]).toEqual([403, 'yes', 'ab']);
    expect(rig.calls).toEqual([]);
  });

  test('ends with the signal of its caller, and no renewal with it', async () => {
    rig.pass(60 * minute);
    const { passed, open } = door();
    const renewed = rig.answer;
    rig.answer = async (call) => {
      await passed;
      return renewed(call);
    };
    const controller = new AbortController();
    const kept: Promise<unknown>[] = [];
    const fetch = fetching({ waitUntil: (work) => void kept.push(work) });
    const response = fetch(`${api}/me`, { signal: controller.signal });
    await expect.poll(() => rig.calls.length).toBe(1);
    controller.abort();
    await expect(response).rejects.toMatchObject({ name: 'AbortError' });
    open();
    await Promise.all(kept);
    expect(await rig.stored()).toMatchObject({ accessToken: 'access-2' });
    expect(sent).toEqual([]);
  });

  test('hands the signal on to the request', async () => {
    const controller = new AbortController();
    await fetching()(`${api}/me`, { signal: controller.signal });
    controller.abort();
    expect(sent[0]?.signal.aborted).toBe(true);
  });

  test('does not hide that the request failed', async () => {
    answer = () => {
      throw new TypeError('Failed to fetch');
    };
    await expect(fetching()(`${api}/me`)).rejects.toThrow(TypeError);
  });

  test('quotes no token that a header cannot carry', async () => {
    await rig.store.saveToken({ id: rig.saved.id, accessToken: 'sentinel\nof-the-token' });
    expect((await expectCode('E_REAUTH', fetching()(`${api}/me`))).message).not.toContain('sentinel');
    expect(sent).toEqual([]);
  });

  test('sends no token that is bound to a key without a proof of it', async () => {
    await rig.store.saveToken({ id: rig.saved.id, tokenType: 'DPoP' });
    await expectCode('E_UNSUPPORTED', fetching()(`${api}/me`));
    expect(sent).toEqual([]);
    for (const tokenType of ['xDPoP', 'DPoPx']) {
      await rig.store.saveToken({ id: rig.saved.id, tokenType });
      await fetching()(`${api}/me`);
    }
    expect(authorization()).toEqual(['xDPoP access-1', 'DPoPx access-1']);
  });

  test('lets the provider present the token in its own way', async () => {
    const send: TokenSourceOptions['send'] = (request, { accessToken }, fetch) => {
      request.headers.set('x-token', accessToken);
      return fetch(request);
    };
    answer = (request) => new Response(null, { status: request.headers.get('x-token') === 'access-1' ? 401 : 200 });
    expect((await fetching({ send })(`${api}/me`)).status).toBe(200);
    expect(sent.map((request) => request.headers.get('x-token'))).toEqual(['access-1', 'access-2']);
    expect(authorization()).toEqual([null, null]);
  });
});
