import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPrograms } from '../../scripts/find-programs.mjs';
import { freePort } from '../../scripts/start/free-port.ts';

/** Where a MariaDB listens, a user who may do everything there, and a database. What `mysqlBackend` and mysql2 take. */
export interface MariadbAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A throw-away MariaDB on loopback. */
export interface MariadbServer {
  readonly address: MariadbAddress;
  /** Ends the process at once, as the system does when memory runs out; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again after {@link MariadbServer.kill}, over the same data, with the same address and settings and these. */
  restart(settings?: readonly string[]): Promise<void>;
  /** Lets the process do nothing until it is thawed: connections stay, and no answer comes. */
  freeze(): void;
  thaw(): void;
  /** Ends the process and deletes its data. */
  stop(): Promise<void>;
}

// It refuses to run as root unless it is told to.
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

/** Half an hour off, and with summer time: whoever takes the server's local time for UTC is found out. */
const zone = 'XST-5:30XDT,M3.5.0,M10.5.0/3';

/**
 * Starts a MariaDB on a free port of 127.0.0.1, in a temporary folder of its own.
 *
 * @param settings further arguments of `mariadbd`.
 */
export async function startMariadb(settings: readonly string[] = []): Promise<MariadbServer> {
  const { mariadb = 'mariadbd', mariadbInstall = 'mariadb-install-db' } = findPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'tokenkeep-mariadb-'));
  const data = join(folder, 'data');
  // so that it starts at once
  const smallLog = '--innodb-log-file-size=16M';
  await promisify(execFile)(mariadbInstall, [
    ...['--no-defaults', ...asRoot, `--datadir=${data}`, smallLog],
    ...['--auth-root-authentication-method=normal', '--skip-test-db'],
  ]);
  const address: MariadbAddress = {
    host: '127.0.0.1',
    port: await freePort(30_000 + Math.floor(Math.random() * 20_000)),
    user: 'tests',
    password: randomBytes(16).toString('hex'),
    database: 'tests',
  };
  const init = join(folder, 'init.sql');
  await writeFile(
    init,
    `CREATE USER IF NOT EXISTS tests@'127.0.0.1' IDENTIFIED BY '${address.password}';
GRANT ALL ON *.* TO tests@'127.0.0.1' WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS tests;
`,
  );
  const args = [
    ...['--no-defaults', ...asRoot, `--datadir=${data}`, `--socket=${folder}/socket`, `--pid-file=${folder}/pid`],
    ...['--bind-address=127.0.0.1', `--port=${address.port}`, '--skip-name-resolve', `--init-file=${init}`],
    ...['--skip-log-bin', '--performance-schema=off', smallLog, ...settings],
  ];
  let child = await startProcess(mariadb, args);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    address,
    kill: () => end('SIGKILL'),
    async restart(more = []) {
      child = await startProcess(mariadb, [...args, ...more]);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server takes connections. */
function startProcess(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TZ: zone } });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8_000);
      if (said.includes('ready for connections')) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', () => {
      process.off('exit', kill);
      reject(new Error(`mariadbd ended:\n${said}`));
    });
  });
}
