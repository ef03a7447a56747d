import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MysqlPlace, Place, PlaceHere } from './place.ts';

/** Whether two places are one file or one table, as far as that can be told from here. */
export function isSamePlace(left: PlaceHere, right: Place): boolean {
  if (right.kind === 'd1') return false;
  if (left.kind === 'mysql' || right.kind === 'mysql') {
    return left.kind === right.kind && tableOf(left as MysqlPlace) === tableOf(right as MysqlPlace);
  }
  return fileOf(left.path) === fileOf(right.path);
}

/** Names of tables and databases differ by case on some servers only. */
function tableOf({ server: { host, port, database }, table }: MysqlPlace): string {
  const machine = /^(localhost|127\..*|::1)$/i.test(host) ? 'localhost' : host;
  return [machine, port, database, table].join('\n').toLowerCase();
}

/** The file itself, whatever links lead to it. */
function fileOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? resolve(path) : `${found.dev} ${found.ino}`;
}
