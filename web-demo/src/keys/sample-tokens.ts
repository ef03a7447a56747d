import { EncryptedTokenStore } from 'tokenkeep';
import type { KeyHolding } from './key-holding.ts';

/** How many tokens {@link addSampleTokens} adds. */
export const sampleCount = 200;

/** Stores tokens of nobody, apart from the page's own, so that rotating takes long enough to be watched. */
export async function addSampleTokens({ vault, backend }: KeyHolding): Promise<void> {
  const store = new EncryptedTokenStore({ backend, keyring: vault.keyring, tenant: 'samples' });
  const saving = Array.from({ length: sampleCount }, () =>
    store.saveToken({ userName: crypto.randomUUID(), refreshToken: crypto.randomUUID() }),
  );
  await Promise.all(saving);
}
