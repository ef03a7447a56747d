import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiUrl } from '../../src/hono/api-url.ts';

const api = 'https://api.example/v2/';

/** The path as a server reads it that undoes escapes before it looks for segments. */
const undone = (path: string): string =>
  path.replace(/%[0-7][0-9a-f]/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));

describe('the address of an API call', () => {
  test.each([
    ['/me', '?a=1&b=%20', 'https://api.example/v2/me?a=1&b=%20'],
    ['/', '', 'https://api.example/v2/'],
    ['/a//b/', '', 'https://api.example/v2/a//b/'],
    ['/projects/group%2Fname', '', 'https://api.example/v2/projects/group%2Fname'],
    ['/sites/https%3A%2F%2Fother.example%2F', '', 'https://api.example/v2/sites/https%3A%2F%2Fother.example%2F'],
    ['/caf%C3%A9/100%25', '', 'https://api.example/v2/caf%C3%A9/100%25'],
    ['/%E0%A4%A0/%F0%9F%94%91', '', 'https://api.example/v2/%E0%A4%A0/%F0%9F%94%91'],
    ['/a.b/..c/d..', '', 'https://api.example/v2/a.b/..c/d..'],
    ['/@other.example', '', 'https://api.example/v2/@other.example'],
  ])('lies beneath the base address: %s%s', (path, search, url) => {
    expect(apiUrl(api, path, search)?.href).toBe(url);
  });

  test('needs no slash at the end of the base address', async () => {
    expect(apiUrl('https://api.example', '/me', '')?.href).toBe('https://api.example/me');
    expect(apiUrl('https://api.example/v2', '/me', '')?.href).toBe('https://api.example/v2/me');
  });

  test.each([
    '',
    'me',
    '//evil.example/',
    '/%2fevil.example',
    '/\\evil.example',
    '/%5cevil.example',
    '/..',
    '/../admin',
    '/a/../../admin',
    '/%2e%2e/admin',
    '/.%2E/admin',
    '/..%2fadmin',
    '/..%5cadmin',
    '/%252e%252e/admin',
    '/%25252e%25252e%25252fadmin',
    '/%2525252525252e%2525252525252e/admin',
    '/%2%35%32e./admin',
    '/..;/admin',
    '/..;a=b/admin',
    '/.%3b/admin',
    '/..%20/admin',
    '/..%20',
    '/100%',
    '/%..',
    '/%u002e./admin',
    '/%2',
    '/..%23',
    '/..%3f/admin',
    '/./admin',
    '/%c0%ae%C0%AE/admin',
    '/..%c0%afadmin',
    '/%e0%80%ae./admin',
    '/%f0%80%80%ae./admin',
    '/%25c0%25ae./admin',
    '/a/.',
    '/a%00.json',
    '/a%0d%0aX-Header:%20b',
    '/a\tb',
  ])('does not exist for a path that might be read as another one: %j', (path) => {
    expect(apiUrl(api, path, '')).toBeUndefined();
  });

  test('never leaves the origin, nor the path, of the base address', async () => {
    const part = fc.oneof(
      fc.constantFrom('/', '//', '.', '..', '%2e', '%2f', '%5c', '%25', ';', '@', ':', '?', '#', '\\', 'evil.example'),
      fc.string({ maxLength: 3 }),
    );
    const path = fc.array(part, { maxLength: 12 }).map((parts) => `/${parts.join('')}`);
    let reached = 0;
    await fc.assert(
      fc.property(path, fc.string({ maxLength: 8 }), (text, search) => {
        const url = apiUrl(api, text, search);
        if (url === undefined) return;
        reached++;
        expect(url.origin).toBe('https://api.example');
        expect(url.pathname.startsWith('/v2/')).toBe(true);
        expect(new URL(url.href).href).toBe(url.href);
        expect(new URL(undone(url.pathname), api).pathname).toMatch(/^\/v2\//);
      }),
      { numRuns: 3000 },
    );
    expect(reached).toBeGreaterThan(100);
  });
});
