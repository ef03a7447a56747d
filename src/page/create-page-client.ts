import type { Json, SavedToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { createTokenSource } from '../manager/create-token-source.ts';
import type { TokenSource } from '../manager/token-source.ts';
import { authorize } from '../oauth/authorize.ts';
import { exchange } from '../oauth/exchange.ts';
import { oauthRenewal } from '../oauth/oauth-renewal.ts';
import { revoke } from '../oauth/revoke.ts';
import type { Transaction } from '../oauth/transaction.ts';
import type { PageClient, PageClientOptions } from './page-client.ts';
import { pageEvents } from './page-events.ts';
import { readPageTokens } from './page-tokens.ts';
import { tabSignals } from './tab-signals.ts';
import { takeCallback } from './take-callback.ts';

/** What is remembered of a sign-in until its callback. */
interface SignIn {
  readonly transaction: Transaction;
  /** The address, within this origin, to show again afterwards. */
  readonly returnTo: string;
}

const signInLifetimeMs = 10 * 60_000;

/**
 * Makes the client of a single-page application.
 *
 * ```ts
 * const backend = indexedDbBackend();
 * const vault = openVault({ backend });
 * await vault.open(deviceSlot());
 * const { keyring } = vault;
 * const store = new EncryptedTokenStore({ backend, keyring });
 * const transactions = new OneTimeStore({ backend, keyring, collection: 'login' });
 * const client = createPageClient({ store, transactions, client: { provider, clientId, redirectUrl, scope }, allowedOrigins });
 * await client.completeSignIn();
 * if (!(await client.token())) await client.signIn();
 * const response = await client.fetch('https://api.example.com/me');
 * ```
 *
 * @throws `E_UNSUPPORTED` outside a secure context, where browsers have no Web Crypto; `E_CONFIG` when the client has a
 * secret or an allowed origin is not one.
 */
export function createPageClient(options: PageClientOptions): PageClient {
  const { store, transactions, client, navigate = (url) => location.assign(url) } = options;
  const { fetch = globalThis.fetch, now = Date.now } = options;
  if (globalThis.crypto?.subtle === undefined) {
    throw new TokenkeepError('E_UNSUPPORTED', 'this page cannot encrypt: open it over https:, or as http://localhost');
  }
  if (client.clientSecret !== undefined) {
    throw new TokenkeepError('E_CONFIG', 'remove clientSecret: everybody can read what a page holds');
  }
  const engine = { fetch, now };
  const events = pageEvents(`tokenkeep ${client.clientId} ${client.provider.issuer}`);
  const signals = tabSignals();
  const renewal = oauthRenewal(client, engine);
  const { allowedOrigins = renewal.allowedOrigins ?? [] } = options;
  const sourceOf = (id: string): TokenSource =>
    createTokenSource({ ...renewal, store, query: { id }, allowedOrigins, signals, onEvent: events.tell, fetch, now });
  sourceOf(''); // what is wrong with the settings is told now, and not at the first call
  let completing: Promise<SavedToken | undefined> | undefined;

  async function token(): Promise<SavedToken | undefined> {
    const { tokens, unreadable } = await readPageTokens(store, client);
    if (tokens.length === 0 && unreadable[0] !== undefined) throw unreadable[0].error;
    return tokens[0];
  }

  async function source(): Promise<TokenSource> {
    const current = await token();
    if (current === undefined) throw new TokenkeepError('E_REAUTH', 'nobody is signed in; sign in first');
    return sourceOf(current.id);
  }

  /** A code can be spent once: while the store is locked the callback stays in the address, for when it is unlocked. */
  async function requireUnlocked(callback: URL): Promise<void> {
    const grantToken = callback.searchParams.get('code');
    try {
      if (grantToken) await store.findToken({ grantToken });
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.code !== 'E_LOCKED') throw error;
      history.replaceState(history.state, '', callback);
      throw error;
    }
  }

  async function complete(callback: URL): Promise<SavedToken> {
    await requireUnlocked(callback);
    const known = (await transactions.take(callback.searchParams.get('state') ?? '')) as unknown as SignIn | undefined;
    if (known === undefined) {
      throw new TokenkeepError(
        'E_CALLBACK',
        'this sign-in is finished already, took longer than ten minutes or began in another browser; sign in again',
      );
    }
    const change = await exchange(client, known.transaction, callback, engine);
    const { tokens } = await readPageTokens(store, client);
    const saved = await store.saveToken(change, { replaceDamaged: true });
    for (const other of tokens.filter(({ id }) => id !== saved.id)) {
      const ended = await store.takeToken(other.id);
      // a server that cannot be told now must not undo the sign-in that has just succeeded
      if (ended !== undefined) await revoke(client, ended, engine).catch(() => undefined);
    }
    history.replaceState(history.state, '', location.origin + known.returnTo); // a path may begin with two slashes
    events.tell({ type: 'signed-in', tokenId: saved.id, at: now() });
    return saved;
  }

  return {
    token,

    async completeSignIn() {
      if (completing !== undefined) return completing;
      const callback = takeCallback(client.redirectUrl);
      if (callback === undefined) return undefined;
      completing = complete(callback).finally(() => {
        completing = undefined;
      });
      return completing;
    },

    async signIn() {
      const { url, transaction } = await authorize(client, engine);
      if (new URL(client.redirectUrl).origin !== location.origin) {
        throw new TokenkeepError(
          'E_CONFIG',
          'the redirect URL is of another origin than this page; open the page there',
        );
      }
      const returnTo = location.pathname + location.search + location.hash;
      const signIn = { transaction, returnTo } as unknown as Json;
      await transactions.add(transaction.state, signIn, now() + signInLifetimeMs);
      navigate(url);
      // the caller's next lines belong to somebody who is signed in
      return new Promise<never>(() => undefined);
    },

    async getToken(options) {
      return (await source()).getToken(options);
    },

    async fetch(input, init) {
      return (await source()).fetch(input, init);
    },

    subscribe: events.subscribe,

    async signOut() {
      const { tokens, unreadable } = await readPageTokens(store, client);
      const ended: SavedToken[] = [];
      for (const { id } of [...tokens, ...unreadable]) {
        const token = await store.takeToken(id, { onCorrupt: () => undefined });
        if (token !== undefined) ended.push(token);
        events.tell({ type: 'signed-out', tokenId: id, at: now() });
      }
      for (const token of ended) await revoke(client, token, engine);
    },
  };
}
