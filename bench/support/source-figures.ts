import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource, TokenSourceOptions } from '../../src/manager/token-source.ts';
import { EncryptedTokenStore, type EncryptedTokenStoreOptions } from '../../src/store/encrypted-token-store.ts';
import type { Figure } from './figure.ts';
import { compare } from './ratio.ts';
import { sampleToken } from './sample-token.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `loopback-api.ts` answers every request with a few bytes, to pages of any origin. */
    apiUrl: string;
  }
}

const hour = 3_600_000;
const { userName, issuer, clientId } = sampleToken;
const query = { userName, issuer, clientId };

/** A source of a token that stays fresh for longer than any benchmark takes. */
export interface FreshSource {
  /** Makes the source anew, store included, as a Worker does for each request. */
  make(): TokenSource;
  /** What the backend does for a fresh token, and nothing else: the one read, by the same lookup. */
  rawRead(): Promise<unknown>;
}

/** Saves the token, and makes a source of it. */
export async function freshSource(
  storage: EncryptedTokenStoreOptions,
  options: Pick<TokenSourceOptions, 'allowedOrigins' | 'cache' | 'signals'>,
): Promise<FreshSource> {
  const { backend } = storage;
  const times = { obtainedAt: Date.now(), expiresAt: Date.now() + hour };
  await new EncryptedTokenStore(storage).saveToken({ ...sampleToken, ...times });
  const partition = `${storage.tenant ?? 'default'}/tokens`;
  const [record] = (await backend.page(partition, 1)).records;
  if (record === undefined) throw new Error('nothing was saved');
  return {
    make: () =>
      createTokenSource({
        store: new EncryptedTokenStore(storage),
        query,
        refresh: async () => Promise.reject(new Error('a fresh token was renewed')),
        ...options,
      }),
    rawRead: () => backend.find(partition, 'identity', [record.identity]),
  };
}

/** What the source's `fetch` takes longer than `fetch` itself with the same header, body included. */
export async function fetchFigure(where: string, make: () => TokenSource, url: string): Promise<Figure> {
  const headers = { authorization: `${sampleToken.tokenType} ${sampleToken.accessToken}` };
  const { ratio, ours, plain, more } = await compare(
    async () => (await make().fetch(url)).text(),
    async () => (await fetch(url, { headers })).text(),
    { rounds: 51, batch: 50 },
  );
  return {
    name: `source.fetch ÷ fetch, ${where}`,
    value: ratio.toFixed(2),
    note: `${more.toFixed(0)} µs more: ${ours.toFixed(0)} against ${plain.toFixed(0)} µs`,
  };
}

/** A fresh access token, against the raw read of where it is kept. */
export async function getTokenFigure(
  where: string,
  make: () => TokenSource,
  rawRead: () => Promise<unknown>,
): Promise<Figure> {
  const { ratio, ours, plain, more } = await compare(() => make().getToken(), rawRead, { rounds: 51, batch: 50 });
  return {
    name: `fresh getToken ÷ the raw read, ${where}`,
    value: ratio.toFixed(2),
    note: `${more.toFixed(0)} µs more: ${ours.toFixed(0)} against ${plain.toFixed(0)} µs`,
  };
}
