import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { authorize } from '../../src/oauth/authorize.ts';
import { exchange } from '../../src/oauth/exchange.ts';
import { createPageClient } from '../../src/page/create-page-client.ts';
import type { PageClient, PageClientOptions } from '../../src/page/page-client.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { StrictAuthorizationServer } from './strict-authorization-server.ts';
import { testKeyring } from './test-keyring.ts';

export const issuer = 'https://login.example';
export const api = 'https://api.example';
export const callback = `${location.origin}/page-client-callback`;

/** A page and the servers it talks to, as the tests of the page client need them. */
export interface Application {
  readonly client: PageClient;
  readonly store: EncryptedTokenStore;
  readonly server: StrictAuthorizationServer;
  readonly backend: RecordBackend;
  /** What the API was sent, and how it answers. */
  readonly api: { readonly requests: Request[]; answer: (request: Request) => Response };
  /** Signs in as somebody, by way of the server, and comes back. */
  signIn(user: string): Promise<void>;
  /** The same without a change of the page's address. */
  signInQuietly(user: string): Promise<void>;
  /** Moves the clock on. */
  wait(ms: number): void;
  /** Another tab of the same application, or one with other options. */
  another(options?: Partial<PageClientOptions>): PageClient;
}

export async function application(): Promise<Application> {
  let time = Date.now();
  const now = (): number => time;
  const backend = memoryBackend({ now });
  const keyring = await testKeyring();
  const registered = { clientId: 'page', redirectUrl: callback };
  const server = new StrictAuthorizationServer({ issuer, client: registered, now, lifetime: 300 });
  const provider = { issuer, apiOrigins: [api] };
  const oauthClient = { provider, ...registered, scope: ['openid', 'offline_access'] };
  const store = new EncryptedTokenStore({ backend, keyring });
  const requests: Request[] = [];
  const network: Application['api'] = {
    requests,
    answer: (request) => {
      const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? '';
      return Response.json({ user: server.userOf(token) ?? null }, { status: server.userOf(token) ? 200 : 401 });
    },
  };
  let departure: (url: URL) => void = () => {};
  const another = (options: Partial<PageClientOptions> = {}): PageClient =>
    createPageClient({
      store,
      transactions: new OneTimeStore({ backend, keyring, collection: 'login', now }),
      client: oauthClient,
      navigate: (url) => departure(url),
      now,
      fetch: async (input, init) => {
        const request = new Request(input, init);
        if (new URL(request.url).origin === issuer) return server.fetch(request);
        requests.push(request.clone());
        return network.answer(request);
      },
      ...options,
    });
  const client = another();
  return {
    client,
    store,
    server,
    backend,
    api: network,
    another,
    async signIn(user) {
      const address = await new Promise<URL>((resolve, reject) => {
        departure = resolve;
        client.signIn().catch(reject);
      });
      visit(server.authorize(address, { user }));
      await client.completeSignIn();
    },
    async signInQuietly(user) {
      const { url, transaction } = await authorize(oauthClient, { fetch: server.fetch, now });
      const back = server.authorize(url, { user });
      await store.saveToken(await exchange(oauthClient, transaction, back, { fetch: server.fetch, now }));
    },
    wait: (ms) => {
      time += ms;
    },
  };
}

/** Makes this the page's address. Sparingly: WebKit allows a hundred changes in ten seconds. */
export function visit(address: string | URL): void {
  history.replaceState(null, '', address);
}

/** Where the application sends the browser. */
export function departureOf(app: Application): Promise<URL> {
  return new Promise((resolve, reject) => {
    app.another({ navigate: resolve }).signIn().catch(reject);
  });
}

/** Changes one bit of everything that is stored. */
export async function damage({ backend }: Application): Promise<void> {
  const { records } = await backend.page('default/tokens', 10);
  for (const record of records) {
    const sealed = record.sealed.slice();
    sealed[100] = (sealed[100] as number) ^ 1;
    await backend.put({ ...record, sealed }, { revision: record.revision });
  }
}
