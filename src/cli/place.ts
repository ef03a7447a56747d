import type { MysqlServer } from '../backends/node/mysql-server.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** A table of MySQL or MariaDB. */
export interface MysqlPlace {
  readonly kind: 'mysql';
  /** How to reach the server, but for the password. */
  readonly server: Required<Omit<MysqlServer, 'password'>>;
  readonly table: string;
}

/** A D1 database, by the name that a Worker's settings give it. */
export interface D1Place {
  readonly kind: 'd1';
  readonly binding: string;
}

/** Where tokens can be that are not at Cloudflare: in a file, in an SQLite database, or in a table on a server. */
export type PlaceHere =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'sqlite'; readonly path: string }
  | MysqlPlace;

/** Where tokens are. */
export type Place = PlaceHere | D1Place;

const refused = (what: string): TokenkeepError => new TokenkeepError('E_CONFIG', what);

/**
 * Reads a place as it is written on the command line: `file:PATH`, `sqlite:PATH`, `d1:BINDING` or
 * `mysql://user@host:port/database?table=name&tls=required`, where a part that is left out is the default of Zoho's SDKs.
 *
 * @param passwordVariable the environment variable that the password belongs in, for the message.
 * @throws `E_CONFIG`, without quoting the text.
 */
export function parsePlace(text: string, passwordVariable: string): Place {
  const [, kind, path] = /^(file|sqlite):(.*)$/s.exec(text) ?? [];
  if (kind !== undefined) {
    if (!path || path.startsWith('//')) throw refused(`write a path behind ${kind}: such as ${kind}:tokens.db`);
    if (text === 'sqlite::memory:') throw refused(':memory: ends with this program; name a file that stays');
    return kind === 'file' ? { kind, path } : { kind: 'sqlite', path };
  }
  if (text.startsWith('d1:')) {
    const binding = text.slice(3);
    if (!/^[A-Za-z_$][\w$]*$/.test(binding)) throw refused("write the database's binding behind d1: such as d1:DB");
    return { kind: 'd1', binding };
  }
  if (text.startsWith('mysql:')) return parseMysql(text, passwordVariable);
  throw refused(
    'this is no place for tokens; write file:PATH, sqlite:PATH, d1:BINDING or mysql://user@host:port/database?table=name',
  );
}

function parseMysql(text: string, passwordVariable: string): MysqlPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [database, ...deeper] = url?.pathname.slice(1).split('/') ?? [];
  if (url === undefined || !text.startsWith('mysql://') || deeper.length > 0 || url.hash !== '') {
    throw refused('this is no address of a table; write mysql://user@host:port/database?table=name');
  }
  if (url.password !== '') {
    throw refused(`a password on the command line is there for all to see; put it into ${passwordVariable} instead`);
  }
  const settings = [...url.searchParams.keys()];
  if (settings.some((name) => name !== 'table' && name !== 'tls') || settings.length > new Set(settings).size) {
    throw refused(
      'the address has a setting that is not known; only ?table=name and tls=required may follow the database',
    );
  }
  const tls = url.searchParams.get('tls') ?? 'off';
  if (tls !== 'off' && tls !== 'required') throw refused('tls is neither off nor required; write tls=required');
  try {
    const server = {
      host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
      port: Number(url.port || 3306),
      database: decodeURIComponent(database ?? '') || 'zohooauth',
      user: decodeURIComponent(url.username) || 'root',
      tls: tls === 'required',
    };
    return { kind: 'mysql', server, table: url.searchParams.get('table') || 'oauthtoken' };
  } catch {
    throw refused('the address has a percent sign that begins no character; write it as %25');
  }
}
