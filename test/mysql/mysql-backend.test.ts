import { afterAll, describe, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { recordBackendContract, tokenStoreContract } from '../../src/testing/index.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { storeAttacks } from '../support/store-attacks.ts';
import { storeRaces } from '../support/store-races.ts';
import { tokenStores } from '../support/token-stores.ts';

const database = await mariadbDatabase(inject('mariadb'));
const made = [mysqlBackend(database.settings)];
const [backend = mysqlBackend()] = made;
const connect = (table: string) => {
  const another = mysqlBackend({ ...database.settings, table });
  made.push(another);
  return another;
};
afterAll(async () => {
  await Promise.all(made.map((one) => one.close()));
  await database.drop();
});

describe('the MySQL backend', () => {
  for (const { name, run } of recordBackendContract(() => backend)) test(name, run);
});

describe('an encrypted token store in MySQL', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(backend))) test(name, run);
});

describe('many writers at once, each with connections of its own to one table', () => {
  for (const [n, { name, run }] of storeRaces.entries()) test(name, () => run(() => connect(`race_${n}`)));
});

describe('whoever owns the database, in MySQL', () => {
  for (const [n, { name, run }] of storeAttacks.entries()) test(name, () => run(connect(`attack_${n}`)));
});
