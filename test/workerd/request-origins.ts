import { origin as own } from './edge-setup.ts';

const evil = 'https://evil.example';

/** What a request says of where it comes from. The session's cookie is with it in every case. */
export const strange: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: evil }],
  ['another site that hides its origin', { 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }],
  ['another site, with our origin claimed', { 'Sec-Fetch-Site': 'cross-site', Origin: own }],
  ['a subdomain', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.app.example' }],
  ['another site, in an old browser', { Origin: evil }],
  ['a sandboxed frame, in an old browser', { Origin: 'null' }],
];

/** The same of one that our own page makes. */
export const ours: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ['our own page', { 'Sec-Fetch-Site': 'same-origin', Origin: own }],
  ['our own page, in an old browser', { Origin: own }],
];
