import { describe, expect, test } from 'vitest';
import { planImport } from '../../src/importer/plan-import.ts';
import type { SourceCells, SourceRow } from '../../src/importer/source-row.ts';
import { toToken } from '../../src/importer/to-token.ts';
import { zohoDataCenters } from '../../src/integrations/zoho/zoho-data-centers.ts';

const now = 1_790_000_000_000;
const soon = String(now + 3_600_000);

const whole: SourceCells = {
  id: '1',
  userName: 'ann@example.com:60001',
  clientId: '1000.CLIENT',
  clientSecret: 'secret',
  refreshToken: '1000.refresh',
  accessToken: '1000.access',
  grantToken: '1000.grant',
  expiryTime: soon,
  redirectUrl: 'https://app.example/callback',
  apiDomain: 'https://www.zohoapis.eu',
};

/** The row with some cells changed; `undefined` empties one. */
function row(changes: { readonly [C in keyof SourceCells]?: string | undefined } = {}): SourceCells {
  return Object.fromEntries(Object.entries({ ...whole, ...changes }).filter(([, value]) => value !== undefined));
}

function plan(...rows: readonly (SourceCells | string)[]) {
  const source = async function* (): AsyncGenerator<SourceRow> {
    for (const [i, one] of rows.entries()) {
      yield typeof one === 'string' ? { number: i + 1, refused: one } : { number: i + 1, cells: one };
    }
  };
  return planImport(source(), { now });
}

const read = (changes: Parameters<typeof row>[0], options = {}) => toToken(row(changes), { now, ...options });
const refusedFor = (reason: string) => ({ refused: expect.stringContaining(reason) });

describe('a row as a token', () => {
  test('keeps every field, and gets the issuer and the token type', () => {
    expect(read({})).toEqual({
      notes: [],
      token: {
        id: '1',
        userName: whole.userName,
        issuer: 'https://accounts.zoho.eu',
        clientId: whole.clientId,
        clientSecret: whole.clientSecret,
        redirectUrl: whole.redirectUrl,
        grantToken: whole.grantToken,
        accessToken: whole.accessToken,
        refreshToken: whole.refreshToken,
        expiresAt: now + 3_600_000,
        apiDomain: whole.apiDomain,
        tokenType: 'Zoho-oauthtoken',
      },
    });
  });

  test.each(Object.values(zohoDataCenters))(
    'has the issuer of the data centre $location, by any of its three APIs',
    (dc) => {
      for (const apiDomain of [dc.api, dc.sandbox, dc.developer]) {
        expect(read({ apiDomain })).toMatchObject({ token: { issuer: dc.accounts, apiDomain } });
      }
    },
  );

  test.each([
    ['another host', 'https://evil.example'],
    ['a host that begins alike', 'https://www.zohoapis.eu.evil.example'],
    ['plain HTTP', 'http://www.zohoapis.eu'],
    ['a path', 'https://www.zohoapis.eu/'],
    ['no scheme', 'www.zohoapis.eu'],
    ['a name of Object', 'constructor'],
  ])('is refused when its api_domain is none of Zoho’s: %s', (_, apiDomain) => {
    expect(read({ apiDomain })).toEqual(refusedFor('api_domain'));
    expect(read({ apiDomain }, { dataCenter: 'eu' })).toEqual(refusedFor('api_domain'));
  });

  test('without an api_domain has no issuer, unless the data centre is named', () => {
    const apiDomain = undefined;
    expect(read({ apiDomain })).toEqual({
      token: expect.not.objectContaining({ issuer: expect.anything() }),
      notes: [expect.stringContaining('--data-center')],
    });
    const named = read({ apiDomain }, { dataCenter: 'in' });
    expect(named).toMatchObject({ token: { issuer: 'https://accounts.zoho.in' }, notes: [] });
    expect(named).not.toHaveProperty('token.apiDomain');
    expect(read({}, { dataCenter: 'in' })).toMatchObject({ token: { issuer: 'https://accounts.zoho.eu' } });
  });

  test.each([
    'NaN',
    'undefined',
    '1.79e12',
    '-1',
    '0',
    'Infinity',
    ' 1790000000000',
    '1790000000',
    String(now + 41 * 86_400_000),
    '9999999999999',
  ])('is kept without its access token when the expiry is %s', (expiryTime) => {
    const kept = read({ expiryTime });
    expect(kept).toMatchObject({
      token: { refreshToken: whole.refreshToken },
      notes: [expect.stringContaining('expiry')],
    });
    expect(kept).not.toHaveProperty('token.accessToken');
    expect(kept).not.toHaveProperty('token.expiresAt');
    expect(read({ expiryTime, refreshToken: undefined })).toEqual(refusedFor('expiry_time'));
  });

  test('that has expired is kept if anything can renew it', () => {
    const expiryTime = String(now - 1);
    expect(read({ expiryTime })).toMatchObject({ token: { accessToken: whole.accessToken, expiresAt: now - 1 } });
    expect(read({ expiryTime, refreshToken: undefined })).toMatchObject({ token: { grantToken: whole.grantToken } });
    expect(read({ expiryTime, refreshToken: undefined, grantToken: undefined })).toEqual(refusedFor('expired'));
  });

  test('with an expiry and nothing that expires has none', () => {
    for (const expiryTime of [soon, 'NaN']) {
      const kept = read({ accessToken: undefined, expiryTime });
      expect(kept).toMatchObject({ notes: [] });
      expect(kept).not.toHaveProperty('token.expiresAt');
    }
  });

  test('without an expiry keeps its access token: the server did not say', () => {
    expect(read({ expiryTime: undefined, refreshToken: undefined })).toMatchObject({
      token: { accessToken: whole.accessToken },
      notes: [],
    });
  });

  test('is refused without any token', () => {
    expect(read({ accessToken: undefined, refreshToken: undefined, grantToken: undefined })).toEqual(
      refusedFor('no token'),
    );
  });

  test.each(Object.keys(whole) as (keyof SourceCells)[])('is refused when %s is over-long', (column) => {
    expect(read({ [column]: 'x'.repeat(4097) })).toEqual(refusedFor('longer'));
  });

  test('without an id gets a new one, and says so', () => {
    expect(read({ id: undefined })).toMatchObject({ notes: [expect.stringContaining('new id')] });
  });
});

describe('a source as a plan', () => {
  const bob = row({ id: '2', userName: 'bob@example.com:1', refreshToken: 'RT-bob', accessToken: 'AT-bob' });

  test('keeps the ids that lead to one row', async () => {
    const { rows, tokens, settled } = await plan(row(), bob);
    expect(tokens.map(({ row: number, token }) => [number, token.id])).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
    expect({ rows, settled }).toEqual({ rows: 2, settled: [] });
  });

  test('SQ12: keeps an id that two rows have for neither, and says so', async () => {
    const { tokens } = await plan(row(), { ...bob, id: '1' });
    expect(tokens.map(({ token, notes }) => [token.id, notes])).toEqual([
      [undefined, ['under a new id, since another row has the same one']],
      [undefined, ['under a new id, since another row has the same one']],
    ]);
  });

  test('counts the id of a row that is skipped as well', async () => {
    const { tokens } = await plan(row(), { id: '1' });
    expect(tokens.map(({ token }) => token.id)).toEqual([undefined]);
  });

  test('DB3: merges the rows of one user, where the later expiry wins and gets what it lacks', async () => {
    const {
      clientSecret: _,
      refreshToken: __,
      ...later
    } = row({ id: '5', accessToken: 'AT-2', expiryTime: String(now + 9e5) });
    const earlier = row({ id: '3', expiryTime: String(now + 8e5) });
    const { tokens, settled } = await plan(earlier, bob, later, row({ id: '4', expiryTime: String(now + 7e5) }));
    expect(tokens.map(({ row: number }) => number)).toEqual([2, 3]);
    expect(tokens[1]).toMatchObject({
      token: {
        id: '5',
        accessToken: 'AT-2',
        expiresAt: now + 9e5,
        refreshToken: whole.refreshToken,
        clientSecret: whole.clientSecret,
      },
      others: [1, 4],
    });
    expect(settled).toEqual([
      { row: 1, outcome: 'merged', others: [3] },
      { row: 4, outcome: 'merged', others: [3] },
    ]);
  });

  test('never joins an access token with the expiry of another', async () => {
    const { tokens } = await plan(row({ expiryTime: undefined, accessToken: 'AT-2', id: '2' }), row());
    expect(tokens[0]).toMatchObject({ row: 2, token: { accessToken: whole.accessToken, expiresAt: now + 3_600_000 } });
    const [first] = (
      await plan(row({ accessToken: undefined, id: '2' }), row({ refreshToken: undefined, grantToken: undefined }))
    ).tokens;
    expect(first).toMatchObject({
      row: 2,
      token: { accessToken: whole.accessToken, refreshToken: whole.refreshToken },
    });
  });

  test('takes no id from another row: who asks for that means its token', async () => {
    const { tokens } = await plan(row(), row({ id: undefined, expiryTime: String(now + 9e6) }));
    expect(tokens).toMatchObject([{ row: 2, others: [1] }]);
    expect(tokens[0]?.token.id).toBeUndefined();
  });

  test('lets no expiry that makes no sense win', async () => {
    const { tokens } = await plan(row({ expiryTime: '9999999999999', refreshToken: 'RT-evil', id: '9' }), row());
    expect(tokens).toHaveLength(1);
    expect(tokens[0]).toMatchObject({ row: 2, token: { refreshToken: whole.refreshToken } });
  });

  test.each([
    ['another client', { clientId: '1000.OTHER' }],
    ['another data centre', { apiDomain: 'https://www.zohoapis.in' }],
  ])('keeps two tokens of one user of %s apart', async (_, changes) => {
    expect((await plan(row(), row({ id: '2', ...changes }))).tokens).toHaveLength(2);
  });

  test('FS10: merges rows without a user that hold the same grant, and no others', async () => {
    const nobody = { userName: undefined, grantToken: undefined };
    const { tokens } = await plan(
      row({ ...nobody }),
      row({ ...nobody, id: '2', accessToken: 'AT-2' }),
      row({ ...nobody, id: '3', refreshToken: 'RT-3' }),
    );
    expect(tokens.map(({ row: number, others }) => [number, others])).toEqual([
      [2, [1]],
      [3, []],
    ]);
  });

  test('names what is skipped, and goes on', async () => {
    const { rows, tokens, settled } = await plan('is not UTF-8', row({ apiDomain: 'x' }), bob);
    expect(rows).toBe(3);
    expect(tokens).toHaveLength(1);
    expect(settled).toMatchObject([
      { row: 1, outcome: 'skipped', reason: 'is not UTF-8' },
      { row: 2, outcome: 'skipped', reason: expect.stringContaining('api_domain') },
    ]);
  });
});
