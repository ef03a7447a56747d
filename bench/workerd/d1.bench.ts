import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { recordFromRow } from '../../src/backends/record-row.ts';
import { recordSql } from '../../src/backends/record-sql.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import type { Figure } from '../support/figure.ts';
import { compare, type Ratio } from '../support/ratio.ts';
import { sampleToken } from '../support/sample-token.ts';

/** Where the store keeps the tokens of its default tenant. */
const partition = 'default/tokens';

const figure = (name: string, { ratio, ours, plain }: Ratio, target?: string): Figure => ({
  name,
  value: ratio.toFixed(2),
  ...(target === undefined ? {} : { target }),
  note: `workerd, ${ours.toFixed(0)} against ${plain.toFixed(0)} µs`,
});

test('D1, sealed and raw', async ({ task }) => {
  const backend = d1Backend(env.DB);
  const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  const { userName } = sampleToken;
  const { id } = await store.saveToken(sampleToken);
  const [record] = (await backend.page(partition, 1)).records;

  /** The very statement that a find runs, and its row as a record: what is left without matching and opening. */
  const statement = async (sql: string, value: unknown) => {
    const { results } = await env.DB.prepare(sql).bind(partition, value).all();
    return results.map(recordFromRow);
  };
  const rawById = await compare(
    () => store.findTokenById(id),
    () => statement(recordSql.get, id),
  );
  const rawByUser = await compare(
    () => store.findToken({ userName }),
    () => statement(recordSql.find('userName', 1), record?.lookups.userName),
  );

  await env.DB.exec('CREATE TABLE bench_plain (id TEXT PRIMARY KEY, user_name TEXT, token TEXT)');
  await env.DB.exec('CREATE INDEX bench_plain_user ON bench_plain (user_name)');
  const insert = 'INSERT INTO bench_plain VALUES (?, ?, ?)';
  await env.DB.prepare(insert).bind(id, userName, JSON.stringify(sampleToken)).run();
  /** Another table, as if nothing had to be sealed, ordered or claimed: three columns, the token as one text. */
  const plain = (where: string, value: string) => async () => {
    const row = await env.DB.prepare(`SELECT token FROM bench_plain WHERE ${where} = ?`).bind(value).first('token');
    return JSON.parse(row as string) as unknown;
  };
  const plainById = await compare(() => store.findTokenById(id), plain('id', id));
  const plainByUser = await compare(() => store.findToken({ userName }), plain('user_name', userName));

  task.meta.figures = [
    figure('D1 find by id ÷ the raw statement', rawById, '1.3'),
    figure('D1 find by user ÷ the raw statement', rawByUser, '1.3'),
    figure('D1 find by id ÷ a plaintext table', plainById),
    figure('D1 find by user ÷ a plaintext table', plainByUser),
  ];
  expect(await statement(recordSql.find('userName', 1), record?.lookups.userName)).toEqual([record]);
  expect(await plain('id', id)()).toEqual(sampleToken);
});

test('sealing and opening, against AES-GCM alone', async ({ task }) => {
  const keyring = await testKeyring();
  const context = {
    schema: 1,
    tenant: 'default',
    collection: 'tokens',
    id: crypto.randomUUID(),
    revision: 1,
    expiresAt: 0,
  };
  const payload = new TextEncoder().encode(JSON.stringify(sampleToken));
  const key = (await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])) as CryptoKey;
  const additionalData = new Uint8Array(120);
  const encrypt = async () => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, body: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, payload) };
  };
  const { sealed } = await sealRecord(keyring, context, payload);
  const { iv, body } = await encrypt();
  const seal = await compare(() => sealRecord(keyring, context, payload), encrypt, { rounds: 15, batch: 2000 });
  const open = await compare(
    () => openRecord(keyring, context, sealed),
    () => crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, body),
    { rounds: 15, batch: 2000 },
  );
  task.meta.figures = [
    figure('seal ÷ AES-GCM with one cached key', seal),
    figure('open ÷ AES-GCM with one cached key', open),
    {
      name: 'bytes at rest for a token',
      value: String(sealed.length),
      note: `${payload.length} bytes as JSON; 82 for the envelope, the rest padding`,
    },
  ];
  expect(await openRecord(keyring, context, sealed)).toEqual(payload);
});
