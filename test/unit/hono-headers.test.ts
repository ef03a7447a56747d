import { expect, test } from 'vitest';
import { forwardedHeaders } from '../../src/hono/forwarded-headers.ts';
import { returnedHeaders } from '../../src/hono/returned-headers.ts';

test('the API learns nothing of the caller but what the request itself says', () => {
  const headers = forwardedHeaders(
    new Headers({
      Accept: 'application/json',
      'Accept-Language': 'de',
      Authorization: 'Basic sentinel',
      'CF-Connecting-IP': '203.0.113.7',
      'CF-Ray': 'sentinel',
      'Content-Type': 'text/csv',
      Cookie: '__Host-tokenkeep-session=sentinel',
      DPoP: 'sentinel',
      Expect: '100-continue',
      Forwarded: 'for=203.0.113.7',
      Host: 'app.example',
      'Idempotency-Key': 'key-1',
      'If-Match': '"etag"',
      Origin: 'https://app.example',
      'Proxy-Authorization': 'Basic sentinel',
      Referer: 'https://app.example/inbox?secret',
      'Sec-CH-UA': '"Browser"',
      'Sec-Fetch-Site': 'same-origin',
      'Access-Control-Request-Method': 'PUT',
      Via: '1.1 somewhere',
      'X-Custom': 'kept',
      'X-Forwarded-For': '203.0.113.7',
      'X-Forwarded-Host': 'evil.example',
      'X-HTTP-Method-Override': 'DELETE',
      'X-Original-URL': '/admin',
      'X-Real-IP': '203.0.113.7',
      'X-Rewrite-URL': '/admin',
    }),
  );
  expect([...headers.keys()]).toEqual([
    'accept',
    'accept-language',
    'content-type',
    'idempotency-key',
    'if-match',
    'x-custom',
  ]);
});

test('the headers that came in are left as they are', () => {
  const headers = new Headers({ Authorization: 'Basic a', Accept: '*/*' });
  forwardedHeaders(headers);
  expect(headers.get('Authorization')).toBe('Basic a');
});

test('the API does not speak for our origin', () => {
  const headers = returnedHeaders(
    new Headers({
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Origin': 'https://evil.example',
      'Alt-Svc': 'h3=":443"',
      'Clear-Site-Data': '"*"',
      'Content-Disposition': 'attachment',
      'Content-Security-Policy': "default-src *; script-src 'unsafe-inline'",
      'Content-Security-Policy-Report-Only': 'default-src *',
      'Content-Type': 'text/html',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: '"1"',
      'Permissions-Policy': 'camera=*',
      Refresh: '0; url=https://evil.example',
      'Report-To': '{}',
      'Reporting-Endpoints': 'a="https://evil.example"',
      'Retry-After': '3',
      'Service-Worker-Allowed': '/',
      'Strict-Transport-Security': 'max-age=0',
      'WWW-Authenticate': 'Basic realm="evil"',
      'X-Custom': 'kept',
      'X-Frame-Options': 'ALLOWALL',
    }),
  );
  expect(Object.fromEntries(headers)).toEqual({
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'content-type': 'text/html',
    'cross-origin-resource-policy': 'same-origin',
    etag: '"1"',
    'retry-after': '3',
    'x-content-type-options': 'nosniff',
    'x-custom': 'kept',
  });
});

test('the API sets no cookie, not even several', () => {
  const answer = new Headers();
  answer.append('Set-Cookie', '__Host-tokenkeep-session=evil; Path=/; Secure');
  answer.append('Set-Cookie', 'a=b');
  expect(returnedHeaders(answer).has('Set-Cookie')).toBe(false);
});
