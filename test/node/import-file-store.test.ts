import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readFileStore } from '../../src/importer/read-file-store.ts';
import { expectCode } from '../support/expect-code.ts';
import {
  cellsOf,
  pythonFile,
  pythonHeader,
  sdkFile,
  typescriptFile,
  typescriptHeader,
  type ZohoRow,
  zohoRow,
} from '../support/zoho-sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'tokens.txt');

async function read(content?: string | Uint8Array) {
  if (content !== undefined) writeFileSync(path, content);
  return Array.fromAsync(readFileStore(path));
}

/** What reading should give for a whole row. */
function cells({ id, user, clientId, clientSecret, refresh, access, grant, expiry, redirect, domain }: ZohoRow) {
  const named = {
    ...{ id, userName: user, clientId, clientSecret, refreshToken: refresh, accessToken: access, grantToken: grant },
    ...{ expiryTime: expiry, redirectUrl: redirect, apiDomain: domain },
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

const ann = zohoRow('ann@example.com:60001', { id: '1' });
const bob = zohoRow('bob@example.com:60001', { id: '2' });
const refused = (number: number, why: string) => ({ number, refused: expect.stringContaining(why) });

describe('a file of the SDK for TypeScript', () => {
  test('is read as its own FileStore wrote it', async () => {
    rmSync(path, { force: true });
    const { grant: _, expiry: __, ...partly } = bob;
    const rows = [ann, partly];
    await sdkFile(path, rows);
    expect(await read()).toEqual(rows.map((row, i) => ({ number: i + 2, cells: cells(row) })));
  });

  test('keeps a byte order mark inside of it: that is part of a value', async () => {
    const marked = { ...ann, id: '\uFEFF1' };
    expect(await read(typescriptFile([marked]))).toEqual([{ number: 2, cells: cells(marked) }]);
  });

  test('keeps quotes as what they are (FS6)', async () => {
    const quoted = { ...ann, user: '"ann" o"neil' };
    expect(await read(typescriptFile([quoted]))).toEqual([{ number: 2, cells: cells(quoted) }]);
  });

  test('FS4: a comma in a value spoils its row alone, and is not guessed away', async () => {
    const rows = await read(typescriptFile([{ ...ann, user: 'Doe, John' }, bob]));
    expect(rows).toEqual([refused(2, 'holds a comma'), { number: 3, cells: cells(bob) }]);
  });

  test('FS5: a row that a user name with ends of lines has smuggled in is refused, and those after it are not', async () => {
    const evil = cellsOf(zohoRow('admin@example.com:1', { id: '7' })).join();
    const rows = await read(typescriptFile([{ ...ann, user: `mallory\n${evil}\n` }, bob]));
    expect(rows).toEqual([
      refused(2, 'torn'),
      refused(3, 'smuggled'),
      refused(4, 'torn'),
      { number: 5, cells: cells(bob) },
    ]);
  });

  test('FS5: nothing is trusted after a torn row that no piece completes', async () => {
    const evil = cellsOf(zohoRow('admin@example.com:1', { id: '7' })).join();
    const rows = await read(typescriptFile([bob, { ...ann, user: `mallory\n${evil}\n8,mallory` }, bob]));
    expect(rows).toEqual([
      { number: 2, cells: cells(bob) },
      refused(3, 'torn'),
      refused(4, 'smuggled'),
      refused(5, 'smuggled'),
      refused(6, 'smuggled'),
    ]);
  });

  test('FS11: is read up to where a write was cut off', async () => {
    const rows = await read(typescriptFile([ann, bob]).slice(0, -80));
    expect(rows).toEqual([{ number: 2, cells: cells(ann) }, refused(3, 'torn')]);
  });

  test.each([
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['the ends of lines of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
    ['blank lines', (text: string) => text.replaceAll('\n', '\n\n  \n')],
    ['a line feed at the end', (text: string) => `${text}\n`],
    ['user_name for the second column', (text: string) => text.replace('user_mail', 'user_name')],
  ])('may have %s', async (_, change) => {
    const rows = await read(change(typescriptFile([ann, bob])));
    expect(rows.map((row) => 'cells' in row && row.cells)).toEqual([cells(ann), cells(bob)]);
  });

  test('may be one of nine columns, from before the SDK kept the API’s address', async () => {
    const { domain: _, ...older } = ann;
    const text = typescriptFile([older]).replace(',api_domain', '').slice(0, -1);
    expect(await read(text)).toEqual([{ number: 2, cells: cells(older) }]);
    expect(await read(`${text},https://www.zohoapis.eu`)).toEqual([refused(2, 'comma')]);
  });

  test('refuses a row that is not UTF-8, and no other', async () => {
    const bytes = Buffer.from(typescriptFile([{ ...ann, user: 'Jörg' }, bob]), 'latin1');
    expect(await read(bytes)).toEqual([refused(2, 'UTF-8'), { number: 3, cells: cells(bob) }]);
  });
});

describe('a file of the SDK for Python', () => {
  test.each([
    ['commas', 'Doe, John'],
    ['quotes', 'John "Jack" Doe'],
    ['ends of lines', 'John\nDoe\r\n\r\nx'],
    ['all of them', '"a,\n""b'],
  ])('keeps %s in a value', async (_, user) => {
    const rows = await read(pythonFile([{ ...ann, user }, bob]));
    expect(rows.map((row) => 'cells' in row && row.cells)).toEqual([cells({ ...ann, user }), cells(bob)]);
  });

  test('names rows by the line they begin in', async () => {
    const rows = await read(pythonFile([{ ...ann, user: 'two\nlines' }, bob]));
    expect(rows.map(({ number }) => number)).toEqual([2, 4]);
  });

  test('may have been rewritten on Windows, with a further carriage return in each line', async () => {
    expect(await read(pythonFile([ann]).replaceAll('\r\n', '\r\r\n'))).toEqual([{ number: 2, cells: cells(ann) }]);
  });

  test('is known by its quotes when its first line does not tell', async () => {
    const header = typescriptHeader.replace('user_mail', 'user_name');
    const text = pythonFile([{ ...ann, user: 'Doe, John' }]).replace(pythonHeader, header);
    expect(await read(text)).toEqual([{ number: 2, cells: cells({ ...ann, user: 'Doe, John' }) }]);
  });

  test('refuses rows whose quotes are not in order, and reads on behind them', async () => {
    const broken = cellsOf(ann).join().replace('ann@', '"a"nn@');
    expect(await read([pythonHeader, broken, cellsOf(bob).join()].join('\r\n'))).toEqual([
      refused(2, 'quote'),
      { number: 3, cells: cells(bob) },
    ]);
  });

  test('refuses everything behind a quote that is never closed, as one row', async () => {
    const open = cellsOf(ann).join().replace('ann@', '"ann@');
    const rows = await read([pythonHeader, cellsOf(bob).join(), open, cellsOf(bob).join()].join('\r\n'));
    expect(rows).toEqual([{ number: 2, cells: cells(bob) }, refused(3, 'quote')]);
  });

  test('trusts the row after a short one: what is quoted cannot tear a row', async () => {
    expect(await read([pythonHeader, '1,ann', cellsOf(bob).join()].join('\r\n'))).toEqual([
      refused(2, 'fewer cells'),
      { number: 3, cells: cells(bob) },
    ]);
  });
});

describe('a source that is no FileStore', () => {
  test.each([
    ['an empty file', ''],
    ['a picture', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 10, 10, 13)],
    ['a text', 'hello\nworld'],
    ['another CSV', 'id,name\n1,ann'],
    ['the right columns in another order', typescriptHeader.replace('id,user_mail', 'user_mail,id')],
    ['its own columns and one more', `${typescriptHeader},scope`],
    ['UTF-16', Buffer.from(`\uFEFF${typescriptHeader}`, 'utf16le')],
    ['blank lines only', '\n\n\n'],
  ])('is one clear error: %s', async (_, content) => {
    const { message } = await expectCode('E_CONFIG', () => read(content));
    expect(message).toMatch(/^[a-z].*[;:] .*name the (right )?file/);
  });

  test('is one clear error: an SQLite database, a folder, nothing, a device', async () => {
    const sqlite = await expectCode('E_CONFIG', () => read('SQLite format 3\0…'));
    expect(sqlite.message).toContain('write sqlite: before its path');
    mkdirSync(join(folder, 'folder'));
    const error = (place: string) => expectCode('E_CONFIG', () => Array.fromAsync(readFileStore(place)));
    expect((await error(join(folder, 'folder'))).message).toContain('folder');
    expect((await error(join(folder, 'nothing'))).message).toContain('no such file');
    expect((await error(join(path, 'below'))).message).toContain('no such file');
    expect((await error('/dev/null')).message).toContain('not a regular file');
  });

  test('says when there is nothing in it, and when there is too much for any store', async () => {
    expect((await expectCode('E_CONFIG', () => read(''))).message).toContain('is empty');
    truncateSync(path, 1_073_741_825);
    expect((await expectCode('E_CONFIG', read)).message).toContain('larger');
  });

  test('is an empty store when there is nothing but the first line', async () => {
    expect(await read(typescriptHeader)).toEqual([]);
  });
});

test('reading changes neither the bytes of a file nor its times', async () => {
  writeFileSync(path, typescriptFile([ann, bob]));
  const before = statSync(path, { bigint: true });
  await read();
  const { mtimeNs, ctimeNs, size } = statSync(path, { bigint: true });
  expect([mtimeNs, ctimeNs, size]).toEqual([before.mtimeNs, before.ctimeNs, before.size]);
});

describe('a file that an application writes meanwhile', () => {
  /** Adds a piece in every turn of the event loop, so between any two steps of a reader. */
  async function whileWriting(pieces: Iterable<string>): Promise<unknown> {
    const left = pieces[Symbol.iterator]();
    let timer: NodeJS.Immediate;
    const write = (): void => {
      const { done, value } = left.next();
      if (!done) appendFileSync(path, value);
      timer = setImmediate(write);
    };
    writeFileSync(path, typescriptFile([ann]));
    write();
    return read().finally(() => clearImmediate(timer));
  }

  test('is read anew until it has stayed the same', async () => {
    const rows = await whileWriting(`\n${cellsOf(bob).join()}`.match(/.{1,60}/gs) ?? []);
    expect(rows).toEqual([ann, bob].map((row, i) => ({ number: i + 2, cells: cells(row) })));
  });

  test('is an error that says so when it never does', async () => {
    const forever = (function* () {
      for (;;) yield ',';
    })();
    expect((await expectCode('E_CONFLICT', () => whileWriting(forever))).message).toContain('being written');
  });
});
