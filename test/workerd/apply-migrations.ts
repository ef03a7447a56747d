import { env } from 'cloudflare:workers';

// A setup file of the workerd project: every test file begins with an empty D1, and gets the tables of migrations/ here.
// `applyD1Migrations` of cloudflare:test would do the same, but that module also imports the worker, for every file.
for (const { queries } of env.TEST_MIGRATIONS) {
  await env.DB.batch(queries.map((query) => env.DB.prepare(query)));
}
