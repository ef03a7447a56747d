import type { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { sampleToken } from './sample-token.ts';

/** Saves as many tokens of different users. */
export async function saveSamples(store: EncryptedTokenStore, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const [accessToken, refreshToken] = [`${sampleToken.accessToken}-${n}`, `${sampleToken.refreshToken}-${n}`];
    await store.saveToken({ ...sampleToken, userName: `user-${n}`, accessToken, refreshToken });
  }
}
