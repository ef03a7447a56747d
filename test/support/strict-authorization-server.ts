import { toBase64url } from '../../src/core/base64url.ts';

/** A client as the server has it registered. */
export interface RegisteredClient {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
  readonly redirectUrl: string;
}

/** Settings of {@link StrictAuthorizationServer}. */
export interface StrictServerOptions {
  readonly issuer: string;
  readonly client: RegisteredClient;
  /** Life of an access token in seconds. Default 3600. */
  readonly lifetime?: number;
  /** How often a refresh token that was replaced is honoured all the same, for each grant. Default 0. */
  readonly graces?: number;
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number;
}

/** How the user answers the server's question. */
export interface Consent {
  readonly user: string;
  /** The user, or the server, refuses with this `error`. */
  readonly error?: string;
}

interface Grant {
  readonly user: string;
  readonly scope: string;
  readonly redirectUrl: string;
  readonly challenge: string;
  readonly nonce: string | null;
  code: string | undefined;
  refreshToken: string | undefined;
  readonly accessTokens: Map<string, number>;
  graces: number;
  revoked: boolean;
}

const json = (status: number, body: unknown): Response =>
  Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } });

const text = (bytes: ArrayBuffer | string): string =>
  toBase64url(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : new Uint8Array(bytes));

/**
 * A small authorization server that forgives nothing: PKCE with S256, exact redirect URLs, codes that work once, refresh
 * tokens that rotate, and a grant that ends when a code or a refresh token comes twice. Nothing but Web APIs, so that it
 * runs beside the code under test; `fetch` takes what that code sends.
 */
export class StrictAuthorizationServer {
  /** What was asked, such as `POST /token refresh_token`. */
  readonly requests: string[] = [];
  /** Every secret that was ever handed out or presented: none of them may show up anywhere else. */
  readonly secrets = new Set<string>();
  /** When set, the server cannot be reached. */
  down = false;
  /** Called when a token has been renewed and its answer is about to leave: what happens meanwhile happens here. */
  beforeAnswer: () => Promise<void> = async () => undefined;
  /** How often a code or a refresh token came a second time. */
  reuses = 0;
  readonly #options: Required<StrictServerOptions>;
  readonly #grants: Grant[] = [];
  readonly #spent = new Map<string, Grant>();
  readonly #key = crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);

  constructor(options: StrictServerOptions) {
    this.#options = { lifetime: 3600, graces: 0, now: Date.now, ...options };
    if (options.client.clientSecret) this.secrets.add(options.client.clientSecret);
  }

  /** What the browser does at the authorization endpoint. Resolves with the address the server sends it back to. */
  authorize(address: string | URL, { user, error }: Consent): URL {
    const { issuer, client } = this.#options;
    const url = new URL(address);
    const parameter = (name: string): string => {
      const values = url.searchParams.getAll(name);
      if (values.length !== 1 || !values[0]) throw new Error(`the authorization request needs exactly one ${name}`);
      return values[0];
    };
    const expected = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: client.redirectUrl,
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(expected)) {
      if (parameter(name) !== value) throw new Error(`the authorization request has another ${name}`);
    }
    if (`${url.origin}${url.pathname}` !== `${issuer}/authorize`)
      throw new Error('this is not the authorization endpoint');
    const back = new URL(client.redirectUrl);
    back.searchParams.set('state', parameter('state'));
    back.searchParams.set('iss', issuer);
    if (error !== undefined) {
      back.searchParams.set('error', error);
      return back;
    }
    const code = this.#secret('code');
    this.#grants.push({
      user,
      scope: parameter('scope'),
      redirectUrl: client.redirectUrl,
      challenge: parameter('code_challenge'),
      nonce: url.searchParams.get('nonce'),
      code,
      refreshToken: undefined,
      accessTokens: new Map(),
      graces: this.#options.graces,
      revoked: false,
    });
    back.searchParams.set('code', code);
    return back;
  }

  /** Who an access token speaks for; `undefined` when it is unknown, expired or revoked. */
  userOf(accessToken: string): string | undefined {
    const grant = this.#grants.find(({ accessTokens }) => accessTokens.has(accessToken));
    const live = grant && !grant.revoked && (grant.accessTokens.get(accessToken) ?? 0) > this.#options.now();
    return live ? grant.user : undefined;
  }

  /** Whether any grant of the user can still be renewed. */
  isGranted(user: string): boolean {
    return this.#grants.some((grant) => grant.user === user && !grant.revoked && grant.refreshToken !== undefined);
  }

  /** Takes what a client sends. Fails as a connection does while the server is down. */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    if (this.down) throw new TypeError('connection refused');
    const { pathname } = new URL(request.url);
    if (pathname === '/.well-known/openid-configuration') return json(200, this.#metadata());
    if (request.method !== 'POST') return json(404, { error: 'invalid_request' });
    const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
    this.requests.push(`POST ${pathname} ${form.get('grant_type') ?? form.get('token_type_hint') ?? ''}`);
    if (!this.#isOurClient(request, form)) return json(401, { error: 'invalid_client' });
    if (pathname === '/revoke') return this.#revoke(form);
    if (pathname !== '/token') return json(404, { error: 'invalid_request' });
    const type = form.get('grant_type');
    if (type === 'authorization_code') return this.#redeem(form);
    return type === 'refresh_token' ? this.#renew(form) : json(400, { error: 'unsupported_grant_type' });
  };

  #metadata(): object {
    const { issuer } = this.#options;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      jwks_uri: `${issuer}/jwks`,
    };
  }

  #isOurClient(request: Request, form: URLSearchParams): boolean {
    const { clientId, clientSecret } = this.#options.client;
    if (clientSecret === undefined) return form.get('client_id') === clientId && !request.headers.has('Authorization');
    const credentials = atob(/^Basic (.+)$/.exec(request.headers.get('Authorization') ?? '')?.[1] ?? '').split(':');
    const [id, secret] = credentials.map((part) => decodeURIComponent(part.replaceAll('+', ' '))); // RFC 6749 §2.3.1
    return credentials.length === 2 && id === clientId && secret === clientSecret;
  }

  async #redeem(form: URLSearchParams): Promise<Response> {
    const code = form.get('code') ?? '';
    const verifier = form.get('code_verifier') ?? '';
    this.secrets.add(verifier);
    const challenge = text(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
    const grant = this.#grants.find((one) => one.code === code && code !== '');
    if (grant?.accessTokens.size) return this.#reused(grant);
    if (!grant || grant.challenge !== challenge || form.get('redirect_uri') !== grant.redirectUrl) {
      return json(400, { error: 'invalid_grant', error_description: `sentinel: ${code}` });
    }
    return this.#answer(grant);
  }

  async #renew(form: URLSearchParams): Promise<Response> {
    const token = form.get('refresh_token') ?? '';
    const spent = this.#spent.get(token);
    const current = this.#grants.find(({ refreshToken }) => refreshToken === token && token !== '');
    const grant = current ?? (spent && spent.graces-- > 0 ? spent : undefined);
    if (grant && !grant.revoked) {
      const answer = await this.#answer(grant);
      await this.beforeAnswer();
      return answer;
    }
    return spent ? this.#reused(spent) : json(400, { error: 'invalid_grant' });
  }

  #reused(grant: Grant): Response {
    this.reuses++;
    grant.revoked = true;
    return json(400, { error: 'invalid_grant' });
  }

  #revoke(form: URLSearchParams): Response {
    const token = form.get('token') ?? '';
    for (const grant of this.#grants) {
      if (grant.refreshToken === token || grant.accessTokens.has(token)) grant.revoked = true;
    }
    return new Response(null, { status: 200 });
  }

  async #answer(grant: Grant): Promise<Response> {
    const { lifetime, now } = this.#options;
    if (grant.refreshToken) this.#spent.set(grant.refreshToken, grant);
    grant.refreshToken = this.#secret('refresh');
    const accessToken = this.#secret('access');
    grant.accessTokens.set(accessToken, now() + lifetime * 1000);
    return json(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: lifetime,
      refresh_token: grant.refreshToken,
      scope: grant.scope,
      id_token: await this.#idToken(grant),
    });
  }

  async #idToken({ user, nonce }: Grant): Promise<string> {
    const { issuer, client, now } = this.#options;
    const seconds = Math.floor(now() / 1000);
    const claims = {
      iss: issuer,
      sub: user,
      aud: client.clientId,
      iat: seconds,
      exp: seconds + 300,
      ...(nonce && { nonce }),
    };
    const signed = `${text(JSON.stringify({ alg: 'ES256' }))}.${text(JSON.stringify(claims))}`;
    const { privateKey } = (await this.#key) as CryptoKeyPair;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const idToken = `${signed}.${text(await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(signed)))}`;
    this.secrets.add(idToken);
    return idToken;
  }

  #secret(kind: string): string {
    const secret = `sentinel-${kind}-${crypto.randomUUID()}`;
    this.secrets.add(secret);
    return secret;
  }
}
