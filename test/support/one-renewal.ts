import { expect } from 'vitest';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from './test-keyring.ts';

/**
 * Saves a token that has expired, and asks for it forty times at once, from four sources with a connection each. Expects one
 * renewal, whose token everybody gets and the store keeps.
 */
export async function oneRenewal(connect: () => RecordBackend): Promise<void> {
  const keyring = await testKeyring();
  const open = () => new EncryptedTokenStore({ backend: connect(), keyring });
  const saved = await open().saveToken({ userName: 'ann', accessToken: 'old', refreshToken: 'one', expiresAt: 1000 });
  let calls = 0;
  const sources = Array.from({ length: 4 }, () =>
    createTokenSource({
      store: open(),
      query: { userName: 'ann' },
      refresh: async () => {
        calls++;
        // long enough for all of them to have asked
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { accessToken: 'new', refreshToken: 'two', expiresAt: Date.now() + 3_600_000 };
      },
    }),
  );
  const asked = Array.from({ length: 40 }, (_, n) => sources[n % 4]?.getToken());
  const tokens = await Promise.all(asked);
  expect(calls).toBe(1);
  expect(new Set(tokens.map((token) => token?.accessToken))).toEqual(new Set(['new']));
  expect(await open().findToken({ userName: 'ann' })).toMatchObject({
    id: saved.id,
    revision: 2,
    accessToken: 'new',
    refreshToken: 'two',
  });
}
