import { memoryBackend } from '../../../src/backends/memory-backend.ts';
import type { SavedToken } from '../../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../../src/core/record-backend.ts';
import { type ZohoClient, type ZohoClientOptions, zohoClient } from '../../../src/integrations/zoho/index.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../test-keyring.ts';
import { zohoAddresses } from './zoho-addresses.ts';
import { ZohoStandIn, type ZohoStandInOptions, zohoTestClient } from './zoho-stand-in.ts';

/** Where everybody can read a secret: there the client has none. */
export const inPage = 'document' in globalThis;

const { clientSecret, ...publicClient } = zohoTestClient;

/** Two data centres, a store and a clock that stands still, all in this process. */
export interface ZohoRig {
  readonly us: ZohoStandIn;
  readonly eu: ZohoStandIn;
  readonly backend: RecordBackend;
  readonly store: EncryptedTokenStore;
  /** How the client is registered at both: with a secret, but in a page. */
  readonly registration: Pick<ZohoClientOptions, 'clientId' | 'clientSecret' | 'redirectUrl'>;
  readonly fetch: typeof globalThis.fetch;
  now(): number;
  /** Moves the clock, in milliseconds. */
  pass(ms: number): void;
  /** A client of the American data centre, which also lets users of the European one in. */
  client(options?: Partial<ZohoClientOptions>): ZohoClient;
  /** What is stored. */
  stored(): Promise<readonly SavedToken[]>;
  /** What came in for tokens, at both: such as `us refresh_token`. */
  tokenRequests(): readonly string[];
}

export async function zohoRig(options: ZohoStandInOptions = {}): Promise<ZohoRig> {
  let time = Date.UTC(2026, 10, 23);
  const now = (): number => time;
  const registration = inPage ? publicClient : { ...publicClient, clientSecret };
  const [us, eu] = ['us', 'eu'].map(
    (location) => new ZohoStandIn(zohoAddresses(location), { clients: [registration], now, ...options }),
  ) as [ZohoStandIn, ZohoStandIn];
  const backend = memoryBackend({ now });
  const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    return (eu.has(request.url) ? eu : us).fetch(request);
  };
  return {
    us,
    eu,
    backend,
    store,
    registration,
    fetch,
    now,
    pass: (ms) => {
      time += ms;
    },
    client: (changed = {}) =>
      zohoClient({
        store,
        dataCenter: us.dataCenter,
        dataCenters: [us.dataCenter, eu.dataCenter],
        scope: ['ZohoCRM.modules.ALL', 'ZohoCRM.users.READ'],
        ...registration,
        fetch,
        now,
        ...changed,
      }),
    stored: () => store.getTokens(),
    tokenRequests: () =>
      [us, eu].flatMap(({ dataCenter, requests }) =>
        requests.flatMap(({ to, path, form }) =>
          to === 'accounts' ? [`${dataCenter.location} ${form.grant_type ?? path}`] : [],
        ),
      ),
  };
}
