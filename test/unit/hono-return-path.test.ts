import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { returnPath } from '../../src/hono/return-path.ts';

const origin = 'https://app.example';

/** The path as a server reads it that undoes escapes before it looks for segments. */
const undone = (path: string): string =>
  path.replace(/%[0-7][0-9a-f]/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));

describe('where to go after the sign-in', () => {
  test.each([
    ['/', '/'],
    ['/inbox', '/inbox'],
    ['/inbox?page=2&q=a%20b#top', '/inbox?page=2&q=a%20b#top'],
    ['/projects/group%2Fname', '/projects/group%2Fname'],
    ['/?next=https://elsewhere.example/', '/?next=https://elsewhere.example/'],
    ['/ünïcode', '/%C3%BCn%C3%AFcode'],
  ])('a path of this origin is kept: %s', (wish, path) => {
    expect(returnPath(wish, origin)).toBe(path);
  });

  test.each([
    undefined,
    '',
    'inbox',
    'https://evil.example/',
    'https://app.example/inbox',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    '/a\\b',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/\u0000',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '/%2f/evil.example',
    '/%2F%2Fevil.example',
    '/%5cevil.example',
    '/%255cevil.example',
    '/%25255c%25255cevil.example',
    '/%2525252525255cevil.example',
    '%2f%2fevil.example',
    '/%09/evil.example',
    '/%0d%0aSet-Cookie:%20a=b',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'http:evil.example',
    'https:/evil.example',
    '?next=/',
    '#top',
    '@evil.example',
    `/${'a'.repeat(512)}`,
    `/${'ü'.repeat(200)}`,
  ])('anything else leads to the start page: %j', (wish) => {
    expect(returnPath(wish, origin)).toBe('/');
  });

  test('whatever was wished for, the result is a path of this origin that every reader takes for one', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        '/',
        '\\',
        '//',
        '.',
        '..',
        ':',
        '@',
        '%2f',
        '%5C',
        '%2e',
        '%25',
        '\t',
        '\n',
        '\r',
        '\0',
        ' ',
        '?',
        '#',
      ),
      fc.constantFrom('evil.example', 'javascript:', 'https:', 'data:', 'app.example'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const wish = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
    const reached = { start: 0, elsewhere: 0 };
    await fc.assert(
      fc.property(
        fc.oneof(
          wish,
          wish.map((rest) => `/${rest}`),
          fc.webUrl(),
          fc.webPath(),
        ),
        (text) => {
          const path = returnPath(text, origin);
          reached[path === '/' ? 'start' : 'elsewhere']++;
          const url = new URL(path, origin);
          expect(url.origin).toBe(origin);
          expect(`${url.pathname}${url.search}${url.hash}`).toBe(path);
          expect(path).toMatch(/^\/(?![/\\])[\u0021-\u007e]*$/); // fits into a Location header as it is
          expect(new URL(undone(url.pathname), origin).origin).toBe(origin);
          expect(returnPath(path, origin)).toBe(path);
        },
      ),
      { numRuns: 3000 },
    );
    expect(Math.min(reached.start, reached.elsewhere)).toBeGreaterThan(100);
  });
});
