import { afterAll, describe, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { tokenStores } from '../support/token-stores.ts';

const database = await mariadbDatabase(inject('mariadb'));
const backend = mysqlBackend(database.settings);
afterAll(async () => {
  await backend.close();
  await database.drop();
});

describe('an encrypted token store in MySQL', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(backend))) test(name, run);
});
