import type { ZohoAddresses } from './zoho-addresses.ts';
import { type ZohoIssuedTokens, ZohoLedger, type ZohoRegisteredClient, type ZohoUser } from './zoho-ledger.ts';

/** Departures that real answers show. A test may change them at any time. */
export interface ZohoQuirks {
  /** How the lifetime is told. `milliseconds` adds `expires_in_sec`, as older answers do. Default `seconds`. */
  expiry?: 'seconds' | 'milliseconds' | 'absent';
  /** What an answer names as `api_domain`; `undefined` leaves it out. Default: the API of the data centre, always. */
  apiDomain?: (grantType: string) => string | undefined;
  /** Answers a request to the accounts server with something else, before anything is done. */
  instead?: (path: string) => Response | undefined;
  /** The API refuses every access token, however new. */
  refusesAll?: boolean;
}

/** A request as it came in. It holds secrets: for assertions only. */
export interface ZohoRequest {
  readonly to: 'accounts' | 'api';
  readonly method: string;
  readonly path: string;
  /** The query of the address, with its question mark; empty without one. */
  readonly query: string;
  readonly form: { readonly [name: string]: string };
  readonly authorization: string;
  /** Whose access token it carried, where that one works. */
  readonly user?: string;
}

/** Settings of {@link ZohoStandIn}. */
export interface ZohoStandInOptions {
  /** The clients that are registered here. Default: one, with a secret and a redirect URL of its own. */
  readonly clients?: readonly ZohoRegisteredClient[];
  /** The life of an access token in seconds. Default 3600. */
  readonly lifetime?: number;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  readonly quirks?: ZohoQuirks;
}

/** The client that is registered where a test says nothing else. */
export const zohoTestClient = {
  clientId: '1000.STANDIN',
  clientSecret: 'the-secret-of-the-stand-in-client',
  redirectUrl: 'https://app.example/callback',
} as const satisfies ZohoRegisteredClient;

const scopeOfConsole = 'ZohoCRM.modules.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ';

/**
 * One data centre of Zoho: its accounts server and its API, made of Web APIs alone, so that it runs beside the code under test
 * in every runtime. It forgives nothing: see {@link ZohoLedger} for its limits. {@link ZohoStandIn.fetch} takes what a client
 * sends; `startZohoServer` serves the same over HTTP.
 */
export class ZohoStandIn {
  readonly dataCenter: ZohoAddresses;
  /** The first of its clients. */
  readonly client: ZohoRegisteredClient;
  /** What it remembers of grants and tokens. */
  readonly tokens: ZohoLedger;
  /** Every request, the oldest first. */
  readonly requests: ZohoRequest[] = [];
  readonly quirks: ZohoQuirks;
  /** The life of the access tokens to come, in seconds. */
  lifetime: number;
  readonly #clients: readonly ZohoRegisteredClient[];

  constructor(dataCenter: ZohoAddresses, options: ZohoStandInOptions = {}) {
    const { clients = [zohoTestClient], lifetime = 3600, now = Date.now, quirks = {} } = options;
    this.dataCenter = dataCenter;
    this.#clients = clients;
    this.client = clients[0] as ZohoRegisteredClient;
    this.lifetime = lifetime;
    this.quirks = quirks;
    this.tokens = new ZohoLedger(now);
  }

  /** A grant token as the API console makes it for a self client: no redirect, no PKCE. */
  grant(user = 'ann', clientId: string = this.client.clientId): string {
    return this.tokens.grant({ user: userNamed(user), clientId, scope: scopeOfConsole, offline: true });
  }

  /**
   * What the browser does at `/oauth/v2/auth`, when the user agrees.
   *
   * @param at the data centre that has the user's account, where it is not this one: its code is good there only.
   * @returns the address that the browser is sent back to.
   */
  authorize(address: string | URL, user = 'ann', at: ZohoStandIn = this): URL {
    const url = new URL(address);
    const { searchParams } = url;
    const parameter = (name: string): string => {
      const values = searchParams.getAll(name);
      if (values.length !== 1 || !values[0]) throw new Error(`the authorization request needs exactly one ${name}`);
      return values[0];
    };
    if (url.origin + url.pathname !== `${this.dataCenter.accounts}/oauth/v2/auth`) throw new Error('not the endpoint');
    const clientId = parameter('client_id');
    const redirectUrl = parameter('redirect_uri');
    const client = this.#clients.find((one) => one.clientId === clientId);
    if (client?.redirectUrl !== redirectUrl) throw new Error('the client or its redirect URL is not registered');
    if (parameter('response_type') !== 'code') throw new Error('another response_type than code');
    if (/\s/.test(parameter('scope'))) throw new Error('scopes are separated by commas');
    const challenge = searchParams.has('code_challenge') ? parameter('code_challenge') : undefined;
    if (challenge !== undefined && parameter('code_challenge_method') !== 'S256') throw new Error('not S256');
    if (challenge === undefined && client.clientSecret === undefined) throw new Error('a public client needs PKCE');
    const email = userNamed(user).email;
    const again = searchParams.get('prompt') === 'consent' || at.tokens.refreshTokens(email).length === 0;
    const code = at.tokens.grant({
      user: userNamed(user),
      clientId,
      scope: parameter('scope'),
      offline: searchParams.get('access_type') === 'offline' && again,
      redirectUrl,
      ...(challenge !== undefined && { challenge }),
    });
    const back = new URL(redirectUrl);
    const { location, accounts } = at.dataCenter;
    for (const [name, value] of Object.entries({ code, location, 'accounts-server': accounts })) {
      back.searchParams.set(name, value);
    }
    if (searchParams.has('state')) back.searchParams.set('state', parameter('state'));
    return back;
  }

  /** Whether a request to this address is one to this data centre. */
  has(address: string): boolean {
    return [this.dataCenter.accounts, this.#apiOrigin(address)].includes(new URL(address).origin);
  }

  /** Takes what a client sends. Fails, as a connection does, for an address that is not of this data centre. */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { origin, pathname, search, searchParams } = new URL(request.url);
    if (!this.has(request.url)) throw new TypeError(`nobody listens at ${origin}`);
    const to = origin === this.dataCenter.accounts && pathname.startsWith('/oauth/') ? 'accounts' : 'api';
    const form = await formOf(request);
    const authorization = request.headers.get('authorization') ?? '';
    const user = this.#userOf(authorization)?.email;
    const { method } = request;
    this.requests.push({ to, method, path: pathname, query: search, form, authorization, ...(user && { user }) });
    if (to === 'api') return this.#api(method, pathname, searchParams, authorization);
    const instead = this.quirks.instead?.(pathname);
    if (instead !== undefined) return instead;
    return this.#accounts(method, pathname, form, request.url);
  };

  async #accounts(
    method: string,
    path: string,
    form: { readonly [name: string]: string },
    address: string,
  ): Promise<Response> {
    if (method === 'GET' && path === '/oauth/v2/auth') {
      return new Response(null, { status: 302, headers: { location: this.authorize(address).href } });
    }
    if (method === 'GET' && path === '/oauth/serverinfo') {
      const { location, accounts } = this.dataCenter;
      return Response.json({ result: 'success', locations: { [location]: accounts } });
    }
    if (method === 'POST' && path === '/oauth/v2/token') return this.#token(form);
    if (method === 'POST' && path === '/oauth/v2/token/revoke') {
      const isRevoked = this.tokens.revoke(form.token ?? '');
      return Response.json({ status: isRevoked ? 'success' : 'failure' }, { status: isRevoked ? 200 : 400 });
    }
    return new Response('not found', { status: 404 });
  }

  /** Zoho refuses with HTTP 200 and an `error`. */
  async #token(form: { readonly [name: string]: string }): Promise<Response> {
    const client = this.#clients.find(({ clientId }) => clientId === form.client_id);
    if (client === undefined) return refusal('invalid_client');
    if (client.clientSecret !== form.client_secret) return refusal('invalid_client_secret');
    const type = form.grant_type ?? '';
    const lifetimeMs = this.lifetime * 1000;
    let issued: ZohoIssuedTokens | string = 'unsupported_grant_type';
    if (type === 'authorization_code') {
      const proof = { redirectUrl: form.redirect_uri, verifier: form.code_verifier };
      issued = await this.tokens.redeem(form.code ?? '', client, proof, lifetimeMs);
    }
    if (type === 'refresh_token') {
      issued = this.tokens.renew(form.refresh_token ?? '', client.clientId, lifetimeMs);
    }
    return typeof issued === 'string' ? refusal(issued) : this.#answer(issued, type);
  }

  #answer({ accessToken, refreshToken, scope }: ZohoIssuedTokens, grantType: string): Response {
    const { expiry = 'seconds', apiDomain = () => this.dataCenter.api } = this.quirks;
    const seconds = this.lifetime;
    return Response.json({
      access_token: accessToken,
      ...(refreshToken && { refresh_token: refreshToken }),
      scope: scope.replaceAll(',', ' '),
      api_domain: apiDomain(grantType),
      token_type: 'Bearer',
      ...(expiry === 'seconds' && { expires_in: seconds }),
      ...(expiry === 'milliseconds' && { expires_in: seconds * 1000, expires_in_sec: seconds }),
    });
  }

  #api(method: string, path: string, query: URLSearchParams, authorization: string): Response {
    const user = this.quirks.refusesAll ? undefined : this.#userOf(authorization);
    if (user === undefined) {
      const body = { code: 'INVALID_TOKEN', details: {}, message: 'invalid oauth token', status: 'error' };
      return Response.json(body, { status: 401 });
    }
    const { email, zgid } = user;
    if (path === '/crm/v8/org') return Response.json({ org: [{ id: zgid, zgid, company_name: 'Example' }] });
    if (path === '/crm/v8/users' && query.get('type') === 'CurrentUser') {
      return Response.json({ users: [{ id: '1', email, full_name: email }] });
    }
    const module = /^\/crm\/v8\/(\w+)$/.exec(path)?.[1];
    if (module === undefined) return Response.json({ code: 'INVALID_URL_PATTERN', status: 'error' }, { status: 404 });
    if (method !== 'GET') return Response.json({ data: [{ code: 'SUCCESS', status: 'success', details: { email } }] });
    return Response.json({ data: [{ id: '1', Last_Name: module, Owner: { email } }], info: { count: 1 } });
  }

  #userOf(authorization: string): ZohoUser | undefined {
    const accessToken = /^Zoho-oauthtoken (\S+)$/.exec(authorization)?.[1];
    return accessToken === undefined ? undefined : this.tokens.userOf(accessToken);
  }

  #apiOrigin(address: string): string | undefined {
    const { api, sandbox, developer } = this.dataCenter;
    return [api, sandbox, developer].find((origin) => origin === new URL(address).origin);
  }
}

function userNamed(name: string): ZohoUser {
  return { email: `${name}@example.com`, zgid: '60001' };
}

function refusal(error: string): Response {
  if (error !== 'Access Denied') return Response.json({ error });
  const description = 'You have made too many requests continuously. Please try again after some time.';
  return Response.json({ error_description: description, error, status: 'failure' });
}

/** The fields of a form, as a browser or the SDK (multipart) sends it. What stands in the address is not looked at. */
async function formOf(request: Request): Promise<{ readonly [name: string]: string }> {
  const type = request.headers.get('content-type') ?? '';
  if (request.method === 'GET' || !/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/.test(type)) return {};
  return Object.fromEntries(await request.formData()) as { [name: string]: string };
}
