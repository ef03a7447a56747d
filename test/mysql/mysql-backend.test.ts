import { afterAll, describe, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const database = await mariadbDatabase(inject('mariadb'));
const backend = mysqlBackend(database.settings);
afterAll(async () => {
  await backend.close();
  await database.drop();
});

describe('the MySQL backend', () => {
  for (const { name, run } of recordBackendContract(() => backend)) test(name, run);
});
