import { createConnection } from 'mysql2/promise';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

/** What a Worker gets from a Hyperdrive binding. */
interface Environment {
  readonly HYPERDRIVE: Readonly<Record<'host' | 'user' | 'password' | 'database', string>> & { readonly port: number };
}

/** Runs one case of the contract, over a connection that lives as long as the request. */
// biome-ignore lint/style/noDefaultExport: where workerd looks for a worker's handlers
export default {
  async fetch(request: Request, { HYPERDRIVE }: Environment): Promise<Response> {
    const { host, port, user, password, database } = HYPERDRIVE;
    const pool = await createConnection({ host, port, user, password, database, disableEval: true });
    const backend = mysqlBackend({ pool });
    const cases = recordBackendContract(() => backend);
    try {
      await cases[Number(new URL(request.url).pathname.slice(1))]?.run();
      return new Response('kept');
    } catch (error) {
      return new Response(String(error), { status: 500 });
    } finally {
      await pool.end();
    }
  },
};
