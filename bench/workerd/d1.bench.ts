import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import type { Figure } from '../support/figure.ts';
import { compare, type Ratio } from '../support/ratio.ts';
import { sampleToken } from '../support/sample-token.ts';

const figure = (name: string, { ratio, ours, plain }: Ratio, target?: string): Figure => ({
  name,
  value: ratio.toFixed(2),
  ...(target === undefined ? {} : { target }),
  note: `workerd, ${ours.toFixed(0)} against ${plain.toFixed(0)} µs`,
});

test('D1, sealed and raw', async ({ task }) => {
  const store = new EncryptedTokenStore({ backend: d1Backend(env.DB), keyring: await testKeyring() });
  const { id } = await store.saveToken(sampleToken);
  await env.DB.exec('CREATE TABLE bench_plain (id TEXT PRIMARY KEY, user_name TEXT, token TEXT)');
  await env.DB.exec('CREATE INDEX bench_plain_user ON bench_plain (user_name)');
  const insert = 'INSERT INTO bench_plain VALUES (?, ?, ?)';
  await env.DB.prepare(insert).bind(id, sampleToken.userName, JSON.stringify(sampleToken)).run();
  const plain = (where: string, value: string) => async () => {
    const row = await env.DB.prepare(`SELECT token FROM bench_plain WHERE ${where} = ?`).bind(value).first('token');
    return JSON.parse(row as string) as unknown;
  };
  const byId = await compare(() => store.findTokenById(id), plain('id', id));
  const byUser = await compare(
    () => store.findToken({ userName: sampleToken.userName }),
    plain('user_name', sampleToken.userName),
  );
  task.meta.figures = [
    figure('D1 find by id ÷ the plain statement', byId, '1.3'),
    figure('D1 find by user ÷ the plain statement', byUser, '1.3'),
  ];
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
  const seal = await compare(() => sealRecord(keyring, context, payload), encrypt, { batch: 400 });
  const open = await compare(
    () => openRecord(keyring, context, sealed),
    () => crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, body),
    { batch: 400 },
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
