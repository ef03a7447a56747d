import { describe, expect, test } from 'vitest';
import { parsePlace } from '../../src/cli/place.ts';
import { expectCode } from '../support/expect-code.ts';

const secret = 'hunter2-hunter2-hunter2';
const defaults = { host: 'localhost', port: 3306, database: 'zohooauth', user: 'root', tls: false };

describe('a place on the command line', () => {
  test.each([
    ['file:tokens.txt', { kind: 'file', path: 'tokens.txt' }],
    ['file:/a b/ü?x#y', { kind: 'file', path: '/a b/ü?x#y' }],
    ['sqlite:C:\\tokens.db', { kind: 'sqlite', path: 'C:\\tokens.db' }],
    ['mysql://', { kind: 'mysql', server: defaults, table: 'oauthtoken' }],
    ['mysql://db.example', { kind: 'mysql', server: { ...defaults, host: 'db.example' }, table: 'oauthtoken' }],
    ['mysql://[::1]/?table=t', { kind: 'mysql', server: { ...defaults, host: '::1' }, table: 't' }],
    ['mysql://?tls=off&table=t', { kind: 'mysql', server: defaults, table: 't' }],
    ['mysql://?tls=required', { kind: 'mysql', server: { ...defaults, tls: true }, table: 'oauthtoken' }],
    ['d1:DB', { kind: 'd1', binding: 'DB' }],
    [
      'mysql://a%40b@db.example:3307/my%20crm?table=tokens',
      {
        kind: 'mysql',
        server: { host: 'db.example', port: 3307, database: 'my crm', user: 'a@b', tls: false },
        table: 'tokens',
      },
    ],
  ])('can be %s', (text, place) => {
    expect(parsePlace(text, 'PASSWORD')).toEqual(place);
  });

  test.each([
    [`mysql://root:${secret}@db.example/zohooauth`, 'put it into PASSWORD'],
    ['mysql://db.example/a/b', 'write mysql://user@host:port/database?table=name'],
    ['mysql://db.example:port/a', 'write mysql://user@host:port/database?table=name'],
    ['mysql://db.example/a#b', 'write mysql://user@host:port/database?table=name'],
    ['mysql:db', 'write mysql://user@host:port/database?table=name'],
    [`mysql://db.example/a?password=${secret}`, 'only ?table=name'],
    ['mysql://db.example/a?table=a&table=b', 'only ?table=name'],
    ['mysql://db.example/%zz', 'percent sign'],
    ['mysql://%ff@db.example', 'percent sign'],
    ['mysql://db.example/a?tls=on', 'write tls=required'],
    ['mysql://db.example/a?tls=required&tls=off', 'only ?table=name'],
    ['d1:', 'such as d1:DB'],
    [`d1:${secret}`, 'such as d1:DB'],
    [secret, 'this is no place for tokens'],
    ['sqlite:', 'write a path behind sqlite:'],
    ['sqlite::memory:', ':memory: ends with this program'],
    ['file://tokens.txt', 'write a path behind file:'],
  ])('cannot be %s', async (text, message) => {
    const error = await expectCode('E_CONFIG', () => parsePlace(text, 'PASSWORD'));
    expect(error.message).toContain(message);
    expect(error.message).not.toContain(secret);
  });
});
