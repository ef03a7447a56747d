import { createPool, type Pool } from 'mysql2/promise';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { MysqlServer } from './mysql-server.ts';

/** How long to wait for a connection, and on the server for what somebody else has locked. */
const patienceSeconds = 5;

/** What a connection of ours is set to, whatever the server's defaults are. */
const session = `SET SESSION autocommit = 1, sql_mode = 'STRICT_ALL_TABLES',
  lock_wait_timeout = ${patienceSeconds}, innodb_lock_wait_timeout = ${patienceSeconds}`;

/**
 * Connections to a server, made when they are needed. Idle ones do not keep the process running. A server that is not what it
 * should be gets no file out of it, and the names of its columns are not compiled into code.
 *
 * @throws `E_CONFIG` when a setting cannot be one; the message names it.
 */
export function mysqlPool(server: MysqlServer): Pool {
  const { host = 'localhost', port = 3306, database = 'zohooauth', user = 'root', password = '', tls = false } = server;
  for (const [name, value] of Object.entries({ host, database, user })) {
    if (typeof value !== 'string' || value === '') throw new TokenkeepError('E_CONFIG', `${name} is no text; name it`);
  }
  if (typeof password !== 'string') throw new TokenkeepError('E_CONFIG', 'password is no text; leave it out for none');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new TokenkeepError('E_CONFIG', 'port is no whole number from 1 to 65535; leave it out for 3306');
  }
  if (typeof tls !== 'boolean')
    throw new TokenkeepError('E_CONFIG', 'tls is neither true nor false; leave it out for off');
  if (tls && /^[\d.]+$|:/.test(host)) {
    throw new TokenkeepError(
      'E_CONFIG',
      'with tls the host has to have a name, which its certificate names, too; write that',
    );
  }
  const pool = createPool({
    ...{ host, port, database, user, password },
    ...(tls && { ssl: { verifyIdentity: true, minVersion: 'TLSv1.2' as const } }),
    connectTimeout: patienceSeconds * 1000,
    // often enough for a router not to forget the connection
    keepAliveInitialDelay: 30_000,
    disableEval: true,
    flags: ['-LOCAL_FILES'],
  });
  // What the server refuses to set is not worth failing for, and a lost connection shows with the next statement.
  pool.pool.on('connection', (connection) => void connection.query(session, () => undefined));
  pool.pool.on('release', (connection) => streamOf(connection).unref());
  pool.pool.on('acquire', (connection) => streamOf(connection).ref());
  return pool;
}

/** The socket below a connection, which mysql2 does not declare. */
function streamOf(connection: unknown): { ref(): void; unref(): void } {
  return (connection as { readonly stream: { ref(): void; unref(): void } }).stream;
}
