import { vi } from 'vitest';

/** How often each method of Web Crypto was called. */
export type CryptoCounts = { readonly [method: string]: number };

const methods = [
  'encrypt',
  'decrypt',
  'sign',
  'digest',
  'deriveBits',
  'deriveKey',
  'generateKey',
  'importKey',
  'wrapKey',
  'unwrapKey',
] as const;

/** Counts the Web Crypto calls that the work makes; methods that were not called are left out. */
export async function countCrypto(work: () => Promise<unknown>): Promise<CryptoCounts> {
  const spies = methods.map((method) => [method, vi.spyOn(crypto.subtle, method)] as const);
  try {
    await work();
    return Object.fromEntries(spies.map(([method, spy]) => [method, spy.mock.calls.length]).filter(([, n]) => n !== 0));
  } finally {
    for (const [, spy] of spies) spy.mockRestore();
  }
}
