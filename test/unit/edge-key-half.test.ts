import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../src/core/base64url.ts';
import type { ErrorCode } from '../../src/core/tokenkeep-error.ts';
import { edgeKeyHalf } from '../../src/vault/edge-key-half.ts';
import { expectCode } from '../support/expect-code.ts';

const half = crypto.getRandomValues(new Uint8Array(32));
const methods = ['create', 'fetch', 'destroy'] as const;

/** The half behind a worker that answers so, and what it was asked. */
function behind(answer: () => Response | Promise<Response>, base?: string) {
  const asked: (RequestInit & { readonly url: string })[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    asked.push({ url: String(url), ...init });
    return answer();
  };
  return { asked, half: edgeKeyHalf({ fetch, ...(base !== undefined && { base }) }) };
}

const refusal =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ error: { code, message: 'sentinel-message' } }, { status, headers });

test('the half of a key is made, fetched and destroyed at the worker, and no cache or other origin sees it', async () => {
  const { asked, half: edge } = behind(() => Response.json({ keyHalf: toBase64url(half) }));
  expect(await edge.create()).toEqual(half);
  expect(await edge.fetch()).toEqual(half);
  const gone = behind(() => new Response(null, { status: 204 }), '/app/auth/');
  expect(await gone.half.destroy()).toBeUndefined();
  const how = { cache: 'no-store', redirect: 'error' };
  expect(asked).toMatchObject([
    { url: '/auth/key-half', method: 'POST', ...how },
    { url: '/auth/key-half', method: 'GET', ...how },
  ]);
  expect(gone.asked).toMatchObject([{ url: '/app/auth/key-half', method: 'DELETE', ...how }]);
});

test.each([
  '',
  'auth',
  'https://elsewhere.example/auth',
  '//elsewhere.example',
  '/\\elsewhere.example',
  '/a?b',
  '/a#b',
])('the base %j leads elsewhere, and is refused before anything is sent', async (base) => {
  await expectCode('E_CONFIG', async () => edgeKeyHalf({ base }));
});

describe('a worker that refuses', () => {
  test.each<[number, string, ErrorCode]>([
    [401, 'E_REAUTH', 'E_REAUTH'],
    [404, 'E_NO_ROOT', 'E_NO_ROOT'],
    [409, 'E_CONFLICT', 'E_CONFLICT'],
    [503, 'E_UNSUPPORTED', 'E_UNSUPPORTED'],
    [503, 'E_STORAGE', 'E_UNAVAILABLE'],
    [503, 'E_KEYRING', 'E_UNAVAILABLE'],
    [500, 'E_UNEXPECTED', 'E_UNAVAILABLE'],
    [403, 'E_CROSS_SITE', 'E_NETWORK'],
    [503, 'toString', 'E_UNAVAILABLE'],
  ])('with %i and %s says %s, in words of our own', async (status, code, expected) => {
    const { half: edge } = behind(refusal(status, code));
    for (const method of methods) {
      const error = await expectCode(expected, () => edge[method]());
      expect(error.message).not.toContain('sentinel');
    }
  });

  test.each([
    ['17', 17_000],
    ['0', 0],
    [undefined, 1000],
    ['soon', 1000],
    ['-1', 1000],
    ['9'.repeat(20), 1000],
  ])('for too many calls says when to try again: %s', async (header, expected) => {
    const { half: edge } = behind(refusal(429, 'E_UNAVAILABLE', header === undefined ? {} : { 'Retry-After': header }));
    expect((await expectCode('E_UNAVAILABLE', () => edge.fetch())).retryAfterMs).toBe(expected);
  });

  test('never has a page believe that its key is lost because a page was not found', async () => {
    for (const body of ['<!doctype html>not found', '', '{}', '{"error":"E_NO_ROOT"}', '"E_NO_ROOT"', 'null']) {
      const { half: edge } = behind(() => new Response(body, { status: 404 }));
      for (const method of methods) await expectCode('E_CONFIG', () => edge[method]());
    }
  });
});

describe('an answer that is none', () => {
  test.each([
    ['a page', () => new Response('<!doctype html>sign in to the network')],
    ['nothing', () => new Response(null, { status: 204 })],
    ['no half', () => Response.json({})],
    ['null', () => Response.json(null)],
    ['a half that is no text', () => Response.json({ keyHalf: [...half] })],
    ['an empty half', () => Response.json({ keyHalf: '' })],
    ['31 bytes', () => Response.json({ keyHalf: toBase64url(half.slice(1)) })],
    ['33 bytes', () => Response.json({ keyHalf: toBase64url(Uint8Array.of(1, ...half)) })],
    ['padding', () => Response.json({ keyHalf: `${toBase64url(half)}=` })],
    ['base64 of another alphabet', () => Response.json({ keyHalf: `+/${'A'.repeat(41)}` })],
    ['bits beyond the last byte', () => Response.json({ keyHalf: `${'A'.repeat(42)}B` })],
  ])('is not taken for a half: %s', async (_, answer) => {
    const { half: edge } = behind(answer);
    await expectCode('E_NETWORK', () => edge.fetch());
    await expectCode('E_NETWORK', () => edge.create());
  });

  test('is an error of the network when the connection is lost, before the answer or within it', async () => {
    const lost = behind(() => Promise.reject(new TypeError('sentinel: failed to fetch')));
    const torn = behind(
      () => new Response(new ReadableStream({ start: (controller) => controller.error(new Error('sentinel')) })),
    );
    for (const { half: edge } of [lost, torn]) {
      for (const method of methods) {
        const error = await expectCode('E_NETWORK', () => edge[method]());
        expect(error.message).not.toContain('sentinel');
      }
    }
  });
});

test('a worker that does not answer is given up', async () => {
  const { asked, half: edge } = behind(() => Response.json({ keyHalf: toBase64url(half) }));
  await edge.fetch();
  expect(asked[0]?.signal).toBeInstanceOf(AbortSignal);
});
