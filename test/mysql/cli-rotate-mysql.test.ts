import { execFileSync } from 'node:child_process';
import { createConnection } from 'mysql2/promise';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { cliFolder, cliKeyrings, fill, keyringFile, runQuietly } from '../support/cli-rig.ts';
import { cutOffRotation } from '../support/cut-off-rotation.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { startMariadb } from '../support/mariadb-server.ts';

const { settings, addUser, drop } = await mariadbDatabase(inject('mariadb'));
afterAll(drop);
const { host, port, user, password, database } = settings;
const address = (table: string, name: string = user): string =>
  `mysql://${name}@${host}:${port}/${database}?table=${table}`;
const env = { TOKENKEEP_PASSWORD: password };

async function using<Result>(table: string, work: (backend: RecordBackend) => Promise<Result>): Promise<Result> {
  const backend = mysqlBackend({ ...settings, table });
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}

describe('the keys of records in MySQL', { timeout: 60_000 }, () => {
  test('are rotated: killed, interrupted and run again, and nothing is lost', async () => {
    const keyrings = await cliKeyrings();
    const keyring = keyringFile(cliFolder()('keyring.json'), keyrings.promoted);
    await using('cut_off', (backend) => fill(backend, keyrings.before, 400));
    await cutOffRotation({
      ...{ place: address('cut_off'), keyrings, keyring, users: 400, batch: 4, options: { env } },
      look: (work) => using('cut_off', work),
    });
    const secrets = [keyrings.promoted, password];
    const retire = ['keys', 'retire', keyrings.old, '--in', address('cut_off'), '--keyring', keyring];
    expect(await runQuietly(retire, { env, secrets })).toMatchObject({ code: 0, stderr: '' });
    const inspect = await runQuietly(['inspect', address('cut_off'), '--json'], { env, secrets });
    expect(JSON.parse(inspect.stdout)).toMatchObject({ records: 400, keys: [{ keyId: keyrings.young, records: 400 }] });
  });

  test('are looked at by whoever may read, and changed by nobody else', async () => {
    const { before, promoted } = await cliKeyrings();
    await using('read_only', (backend) => fill(backend, before, 2));
    const reader = await addUser('SELECT');
    const options = { env: { TOKENKEEP_PASSWORD: reader.password, TOKENKEEP_KEYRING: promoted }, secrets: [promoted] };
    const place = address('read_only', reader.user);
    expect(await runQuietly(['scrub', '--in', place], options)).toMatchObject({ code: 0, stderr: '' });
    const refused = await runQuietly(['rotate', '--in', place], options);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringMatching(/^--in: the user lacks a right/) });
    const forgotten = await runQuietly(['inspect', place], { env: { TOKENKEEP_KEYRING: '' } });
    expect(forgotten).toMatchObject({ code: 4, stderr: expect.stringContaining('TOKENKEEP_PASSWORD is not set') });
    const none = await runQuietly(['inspect', address('none')], { env });
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining('no records were ever kept there') });
  });
});

const openssl = execFileSync('sh', ['-c', 'command -v openssl || true'], { encoding: 'utf8' }).trim();

describe('a connection to MySQL with TLS', { timeout: 60_000 }, () => {
  const address = `mysql://${user}@localhost:${port}/${database}?table=x&tls=required`;

  test('is refused where the server has none, or has no name', async () => {
    const run = await runQuietly(['inspect', address], { env, secrets: [password] });
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr).toMatch(/^inspect: the server (offers no TLS|shows no certificate of its name)/);
    const unnamed = await runQuietly(['inspect', address.replace('localhost', '127.0.0.1')], { env });
    expect(unnamed).toMatchObject({ code: 4, stderr: expect.stringContaining('has to have a name') });
  });

  if (openssl !== '') {
    test('is made only to a server whose name and certificate are in order', async () => {
      const at = cliFolder();
      const certify = (name: string): void => {
        const files = ['-keyout', at('key.pem'), '-out', at('certificate.pem')];
        const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
        const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
        execFileSync(openssl, ['req', ...kind, ...names, ...files], { stdio: 'ignore' });
      };
      certify('db.example');
      const server = await startMariadb([`--ssl-cert=${at('certificate.pem')}`, `--ssl-key=${at('key.pem')}`]);
      try {
        const { before } = await cliKeyrings();
        const backend = mysqlBackend({ ...server.address, table: 'tokens' });
        await fill(backend, before, 2);
        await backend.close();
        const place = `mysql://tests@localhost:${server.address.port}/tests?table=tokens&tls=required`;
        const untrusting = { TOKENKEEP_PASSWORD: server.address.password, TOKENKEEP_KEYRING: '' };
        const trusting = { ...untrusting, NODE_EXTRA_CA_CERTS: at('certificate.pem') };
        const refused = { code: 4, stdout: '', stderr: expect.stringContaining('shows no certificate of its name') };
        expect(await runQuietly(['inspect', place], { env: trusting })).toMatchObject(refused);
        certify('localhost');
        const connection = await createConnection({ ...server.address });
        await connection.query('FLUSH SSL');
        await connection.end();
        expect(await runQuietly(['inspect', place], { env: untrusting })).toMatchObject(refused);
        const run = await runQuietly(['inspect', place], { env: trusting });
        expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('2 records.') });
      } finally {
        await server.stop();
      }
    });
  }
});
