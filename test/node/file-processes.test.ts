import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = await importKeyring(setting);

const startChildren = (path: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => startFileChild(path, setting)));

describe('several processes over one file', () => {
  test('first saves of one user in twenty processes leave one record with the content of all', async () => {
    const path = join(folder, 'first');
    const children = await startChildren(path, 20);
    const saved = await Promise.all(
      children.map(({ store }, n) =>
        store.saveToken({
          userName: "O'Brien",
          clientId: 'web',
          accessToken: 'the same access token',
          ...(n === 7 ? { scope: 'read' } : {}),
          ...(n === 13 ? { apiDomain: 'https://api.example' } : {}),
        }),
      ),
    );
    const tokens = await new EncryptedTokenStore({ backend: fileBackend(path), keyring }).getTokens();
    expect(tokens).toEqual([
      {
        id: saved[0]?.id,
        revision: 20,
        userName: "O'Brien",
        clientId: 'web',
        accessToken: 'the same access token',
        scope: 'read',
        apiDomain: 'https://api.example',
      },
    ]);
    expect(new Set(saved.map(({ id }) => id)).size).toBe(1);
  });

  test('saves, claims and deletions of five processes at once lose nothing and double nothing', async () => {
    const path = join(folder, 'storm');
    const children = await startChildren(path, 5);
    const here = new EncryptedTokenStore({ backend: fileBackend(path), keyring });
    const claimed = await here.saveToken({ userName: 'claimed', refreshToken: 'refresh' });
    const grants: string[] = [];
    await Promise.all(
      children.flatMap(({ store }, process) => {
        const own = Array.from({ length: 12 }, async (_, n) => {
          const userName = `${process}/${n}`;
          const { id } = await store.saveToken({ userName, accessToken: `first of ${userName}` });
          await store.saveToken({ userName, accessToken: `second of ${userName}` });
          if (n % 2 === 1) await store.deleteToken(id);
        });
        const shared = Array.from({ length: 12 }, (_, n) =>
          store.saveToken({ userName: `shared ${n % 3}`, scope: 'read', refreshToken: `refresh of ${n % 3}` }),
        );
        const claims = Array.from({ length: 4 }, async (_, n) => {
          const owner = `${process}/${n}`;
          const { granted } = await store.claimToken(claimed, { owner, ttlMs: 60_000 });
          if (granted) grants.push(owner);
        });
        return [...own, ...shared, ...claims];
      }),
    );
    expect(grants).toHaveLength(1);
    const tokens = await here.getTokens();
    expect(
      tokens.map(({ userName, revision, accessToken = '' }) => `${userName} ${revision} ${accessToken}`).sort(),
    ).toEqual(
      [
        'claimed 1 ',
        ...[0, 1, 2].map((n) => `shared ${n} 20 `),
        ...children.flatMap((_, process) =>
          [0, 2, 4, 6, 8, 10].map((n) => `${process}/${n} 2 second of ${process}/${n}`),
        ),
      ].sort(),
    );
    const again = await new EncryptedTokenStore({ backend: fileBackend(path), keyring }).getTokens();
    expect(again).toEqual(tokens);
  });

  test('what one process has saved, claimed or deleted, another sees with its next read', async () => {
    const path = join(folder, 'seen');
    const [one, two] = await startChildren(path, 2);
    for (let round = 1; round <= 20; round++) {
      const saved = await one!.store.saveToken({ userName: 'ann', accessToken: `access ${round}` });
      expect(await two!.store.findTokenById(saved.id)).toEqual(saved);
      await one!.store.claimToken(saved, { owner: 'one', ttlMs: 60_000 });
      expect((await two!.store.findClaimable({ userName: 'ann' }))?.claim.owner).toBe('one');
      await two!.store.deleteToken(saved.id);
      expect(await one!.store.findToken({ userName: 'ann' })).toBeUndefined();
    }
  });
});
