// The stores that Zoho's article names, and what lies in each of them. Nothing that could be used is to be seen.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncryptedTokenStore, generateKeyring, importKeyring, type RecordBackend } from 'tokenkeep';
import { fileBackend } from 'tokenkeep/file';
import { type ListRow, listBackend } from 'tokenkeep/list';
import { memoryBackend } from 'tokenkeep/memory';
import { mysqlBackend } from 'tokenkeep/mysql';
import { sqliteBackend } from 'tokenkeep/sqlite';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-example-'));
const keyring = importKeyring(await generateKeyring());
const rows: ListRow[] = [];
const file = fileBackend(join(folder, 'tokens'));
const sqlite = sqliteBackend(join(folder, 'tokens.db'));
const inMemory = sqliteBackend(':memory:');
const backends: Record<string, RecordBackend> = {
  file,
  'SQLite file': sqlite,
  'SQLite in memory': inMemory,
  list: listBackend(rows),
  map: memoryBackend(),
};

// the parameters of the article, with its defaults: host, database, table, user, password, port
const {
  MYSQL_HOST: host,
  MYSQL_DATABASE: database,
  MYSQL_USER: user,
  MYSQL_PASSWORD: password,
  MYSQL_PORT,
} = process.env;
const mysql = host
  ? mysqlBackend({
      host,
      ...(database && { database }),
      ...(user && { user }),
      ...(password && { password }),
      ...(MYSQL_PORT && { port: Number(MYSQL_PORT) }),
      table: 'tokenkeep_example',
    })
  : undefined;
if (mysql !== undefined) backends.MySQL = mysql;
else console.log('MySQL: left out; set MYSQL_HOST to try it');

for (const [name, backend] of Object.entries(backends)) {
  const store = new EncryptedTokenStore({ backend, keyring });
  const { id } = await store.saveToken({
    userName: "Pat O'Brien, Jr.",
    clientId: 'app',
    refreshToken: `secret of ${name}`,
  });
  const found = await store.findToken({ userName: "Pat O'Brien, Jr." });
  const nobody = await store.findToken({ userName: '1 or 1=1' });
  await store.deleteToken(id);
  const unknown = await store.findTokenById(id);
  console.log(`${name}: found ${found?.id === id}, somebody else's ${nobody}, after deletion ${unknown}`);
}

const secrets = [readFileSync(join(folder, 'tokens'), 'latin1'), JSON.stringify(rows)].filter((text) =>
  text.includes('secret of'),
);
console.log(`at rest in the clear: ${secrets.length}`);

for (const backend of [file, sqlite, inMemory, mysql]) await backend?.close();
rmSync(folder, { recursive: true });
