import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { alteredRows } from '../support/altered-rows.ts';
import { expectCode } from '../support/expect-code.ts';
import { craftedFile } from '../support/file/crafted-file.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { testKeyring } from '../support/test-keyring.ts';

const path = join(temporaryFolder(), 'records');
const open = () => new EncryptedTokenStore({ backend: fileBackend(path), keyring });
const keyring = testKeyring();
const line = (change: unknown) => `${JSON.stringify(change)}\n`;

describe('a file that somebody has altered who can make its checksums', () => {
  test('spoils neither a listing nor the other records', async () => {
    writeFileSync(path, craftedFile([]));
    const saved = await open().saveToken({ userName: 'ann', accessToken: 'access' });
    const [good = ''] = readFileSync(path, 'utf8')
      .slice(1536)
      .split(/(?<=\n)/);
    const { row } = JSON.parse(good);
    const rows = alteredRows(row);
    writeFileSync(path, craftedFile([...rows.map((altered) => line({ kind: 'put', row: altered })), good]));
    const refused: string[] = [];
    const tokens = [];
    for await (const token of open().tokens({ limit: 3, onCorrupt: ({ code }, id) => refused.push(`${id} ${code}`) }))
      tokens.push(token);
    expect(tokens).toEqual([saved]);
    expect(refused.length).toBeGreaterThan(10);
    expect(await open().findToken({ userName: 'ann' })).toEqual(saved);
    expect(await open().saveToken({ userName: 'ann', scope: 'read' })).toMatchObject({ id: saved.id, revision: 2 });
    await open().dueTokens(Date.now(), { onCorrupt: () => undefined });
    await fileBackend(path).keyUse();
    await fileBackend(path).deleteExpired(Date.now(), 100);
    await open().deleteTokens();
    expect(await open().getTokens()).toEqual([]);
  });

  test.each([
    ['no JSON', ['{"kind":"put","row":{\n']],
    ['nothing', ['null\n']],
    ['no end', ['{"kind":"clear","partition":"a"}']],
  ])('is reported when a line of it is %s', async (_, lines) => {
    writeFileSync(path, craftedFile(lines));
    await expectCode('E_FORMAT', open().getTokens());
  });

  test('means nothing by a claim, a deletion or a clearing of what is not there, or by a change of another kind', async () => {
    const changes = [
      { kind: 'claim', partition: 'default/tokens', id: 'absent', claim: { owner: 'a' } },
      { kind: 'delete', partition: 'default/tokens', id: 'absent' },
      { kind: 'clear', partition: 'absent' },
      { kind: 'other' },
      { kind: 'put' },
    ];
    writeFileSync(path, craftedFile(changes.map(line)));
    expect(await open().getTokens()).toEqual([]);
  });

  test.each([Number.MAX_SAFE_INTEGER, 2 ** 40, -1, 0, 1.5])(
    'is reported when it says to be %d bytes long',
    async (length) => {
      writeFileSync(path, craftedFile([], { length }));
      await expectCode('E_FORMAT', open().getTokens());
    },
  );
});
