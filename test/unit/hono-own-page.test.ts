import { describe, expect, test } from 'vitest';
import { isFromOwnPage } from '../../src/hono/is-from-own-page.ts';

const own = 'https://app.example';
const ask = (method: string, headers: Record<string, string>) => isFromOwnPage(method, new Headers(headers), own);

describe.each(['POST', 'PUT', 'PATCH', 'DELETE', 'post', 'QUERY'])('a request with %s', (method) => {
  test.each<[string, Record<string, string>]>([
    ['Sec-Fetch-Site is same-origin', { 'Sec-Fetch-Site': 'same-origin' }],
    ['Sec-Fetch-Site is same-origin, with our Origin', { 'Sec-Fetch-Site': 'same-origin', Origin: own }],
    ['there is no Sec-Fetch-Site, and Origin is ours', { Origin: own }],
  ])('is from our own page when %s', (_, headers) => {
    expect(ask(method, headers)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ['neither header is there', {}],
    ['Sec-Fetch-Site is cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['Sec-Fetch-Site is same-site', { 'Sec-Fetch-Site': 'same-site' }],
    ['Sec-Fetch-Site is none', { 'Sec-Fetch-Site': 'none' }],
    ['Sec-Fetch-Site is empty', { 'Sec-Fetch-Site': '', Origin: own }],
    ['Sec-Fetch-Site is said twice', { 'Sec-Fetch-Site': 'same-origin, cross-site' }],
    ['Sec-Fetch-Site is cross-site, whatever Origin says', { 'Sec-Fetch-Site': 'cross-site', Origin: own }],
    ['Origin is another one', { Origin: 'https://evil.example' }],
    ['Origin is null', { Origin: 'null' }],
    ['Origin has another scheme', { Origin: 'http://app.example' }],
    ['Origin has another port', { Origin: 'https://app.example:8443' }],
    ['Origin is a subdomain', { Origin: 'https://a.app.example' }],
    ['Origin begins with ours', { Origin: 'https://app.example.evil.example' }],
    ['only Referer is ours', { Referer: `${own}/` }],
  ])('is not when %s', (_, headers) => {
    expect(ask(method, headers)).toBe(false);
  });
});

describe.each(['GET', 'HEAD', 'OPTIONS'])('a request with %s', (method) => {
  test.each<[string, Record<string, string>]>([
    ['neither header is there', {}],
    ['Sec-Fetch-Site is same-origin', { 'Sec-Fetch-Site': 'same-origin' }],
    ['Sec-Fetch-Site is none: the user typed the address', { 'Sec-Fetch-Site': 'none' }],
    ['there is no Sec-Fetch-Site, and Origin is ours', { Origin: own }],
  ])('is from our own page when %s', (_, headers) => {
    expect(ask(method, headers)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ['Sec-Fetch-Site is cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['Sec-Fetch-Site is same-site', { 'Sec-Fetch-Site': 'same-site' }],
    ['Origin is another one', { Origin: 'https://evil.example' }],
    ['Origin is null', { Origin: 'null' }],
  ])('is not when %s', (_, headers) => {
    expect(ask(method, headers)).toBe(false);
  });
});
