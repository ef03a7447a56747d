import { startHttpServer } from '../../scripts/local/http-server.ts';
import { fetchOverHttp } from './fetch-over-http.ts';
import { ZohoStandIn, type ZohoStandInOptions } from './zoho/zoho-stand-in.ts';

/** Settings of {@link startZohoServer}. */
export interface ZohoServerOptions extends ZohoStandInOptions {
  /** The short name of the data centre. Default `us`. */
  readonly location?: string;
}

/** A data centre of Zoho on this machine. */
export type ZohoServer = ZohoStandIn & {
  /** The origin of its accounts server; the API has another. */
  readonly url: string;
  /** Stops it, and ends all connections. */
  close(): Promise<void>;
};

/**
 * Starts a data centre on 127.0.0.1: accounts server and API, each on a port of its own. Several may run side by side.
 *
 * ```ts
 * const zoho = await startZohoServer();
 * const client = zohoClient({ store, dataCenter: zoho.dataCenter, ...zoho.client });
 * await client.redeem(zoho.grant('ann'), { userName: 'ann' });
 * zoho.requests; // what came in
 * await zoho.close();
 * ```
 */
export async function startZohoServer({ location = 'us', ...options }: ZohoServerOptions = {}): Promise<ZohoServer> {
  let standIn: ZohoStandIn;
  const handle = fetchOverHttp((request) => standIn.fetch(request));
  const [accounts, api] = [await startHttpServer({}, handle), await startHttpServer({}, handle)];
  const { url } = api;
  standIn = new ZohoStandIn({ location, accounts: accounts.url, api: url, sandbox: url, developer: url }, options);
  return Object.assign(standIn, {
    url: accounts.url,
    close: async () => {
      await Promise.all([accounts.close(), api.close()]);
    },
  });
}
