import { toBase64url } from '../../src/core/base64url.ts';
import { type Grant, GrantLedger, type GrantLedgerOptions, type IssuedTokens } from './grant-ledger.ts';

/** A client as the server has it registered. */
export interface RegisteredClient {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
  readonly redirectUrl: string;
}

/** Settings of {@link StrictAuthorizationServer}. */
export interface StrictServerOptions extends Partial<GrantLedgerOptions> {
  readonly issuer: string;
  readonly client: RegisteredClient;
}

/** What goes wrong with one refresh. Each part is independent of the others. */
export interface Disturbance {
  /** What the client gets instead of the answer: another one, or a connection that fails. */
  readonly instead?: Response | 'disconnect';
  /** Whether the server acts before that, so that only what the client gets is wrong. Default `false`. */
  readonly acts?: boolean;
  /** Awaited when the server has acted and before anything leaves. */
  readonly delay?: () => Promise<unknown>;
}

/** How the user answers the server's question. */
export interface Consent {
  readonly user: string;
  /** The user, or the server, refuses with this `error`. */
  readonly error?: string;
}

/** A code that was handed out, and what it takes to redeem it. */
interface Code {
  readonly grant: Grant;
  readonly redirectUrl: string;
  readonly challenge: string;
  redeemed: boolean;
}

const json = (status: number, body: unknown): Response =>
  Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } });

const text = (bytes: ArrayBuffer | string): string =>
  toBase64url(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : new Uint8Array(bytes));

/**
 * A small authorization server that forgives nothing unless it is told to: PKCE with S256, exact redirect URLs, codes that
 * work once, refresh tokens that rotate, and a grant that ends when a code or a refresh token comes twice. Nothing but Web
 * APIs, so that it runs beside the code under test; `fetch` takes what that code sends.
 */
export class StrictAuthorizationServer {
  /** What was asked, such as `POST /token refresh_token`. */
  readonly requests: string[] = [];
  /** What it remembers: every grant, and which refresh token came when. */
  readonly ledger: GrantLedger;
  /** When set, the server cannot be reached. */
  down = false;
  /** Called when a token has been renewed and its answer is about to leave: what happens meanwhile happens here. */
  beforeAnswer: () => Promise<void> = async () => undefined;
  /** Asked for each refresh, with its user, before the server looks at it: what is to go wrong with it, if anything. */
  disturb: (user: string | undefined) => Disturbance | undefined = () => undefined;
  /** What answers say as `expires_in`; `undefined` leaves it out. Default: the lifetime. */
  expiresIn: unknown;
  /** How often a code came a second time. */
  #codeReuses = 0;
  readonly #options: StrictServerOptions & GrantLedgerOptions;
  readonly #codes = new Map<string, Code>();
  #key: Promise<CryptoKeyPair> | undefined;

  constructor(options: StrictServerOptions) {
    this.#options = { lifetime: 3600, now: Date.now, rotation: 'strict', graces: 0, ...options };
    this.expiresIn = this.#options.lifetime;
    this.ledger = new GrantLedger(this.#options);
    if (options.client.clientSecret) this.secrets.add(options.client.clientSecret);
  }

  /** Every secret that was ever handed out or presented: none of them may show up anywhere else. */
  get secrets(): Set<string> {
    return this.ledger.secrets;
  }

  /** How often a code or a refresh token came a second time. */
  get reuses(): number {
    return this.#codeReuses + this.ledger.reuses;
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
    if (!url.href.startsWith(`${issuer}/authorize?`)) throw new Error('this is not the authorization endpoint');
    const back = new URL(client.redirectUrl);
    back.searchParams.set('state', parameter('state'));
    back.searchParams.set('iss', issuer);
    if (error !== undefined) {
      back.searchParams.set('error', error);
      return back;
    }
    const code = this.ledger.secret('code');
    const grant = this.ledger.open(user, parameter('scope'), url.searchParams.get('nonce'));
    const challenge = parameter('code_challenge');
    this.#codes.set(code, { grant, redirectUrl: client.redirectUrl, challenge, redeemed: false });
    back.searchParams.set('code', code);
    return back;
  }

  /** Tokens of a new grant, as if the user had just signed in. */
  signIn(user: string, scope = 'read'): IssuedTokens {
    return this.ledger.issue(this.ledger.open(user, scope));
  }

  /** Who an access token speaks for; `undefined` when it is unknown, expired or revoked. */
  userOf(accessToken: string): string | undefined {
    return this.ledger.userOf(accessToken);
  }

  /** Whether any grant of the user can still be renewed. */
  isGranted(user: string): boolean {
    return this.ledger.isGranted(user);
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
    const known = this.#codes.get(code);
    if (known?.redeemed) {
      this.#codeReuses++;
      known.grant.revoked = true;
      return json(400, { error: 'invalid_grant' });
    }
    if (known?.challenge !== challenge || form.get('redirect_uri') !== known.redirectUrl) {
      return json(400, { error: 'invalid_grant', error_description: `sentinel: ${code}` });
    }
    known.redeemed = true;
    return this.#answer(known.grant);
  }

  async #renew(form: URLSearchParams): Promise<Response> {
    const token = form.get('refresh_token') ?? '';
    const { instead, acts = instead === undefined, delay } = this.disturb(this.ledger.known(token)?.user) ?? {};
    let answer: Response | undefined;
    if (acts) {
      const grant = this.ledger.present(token);
      answer = grant ? await this.#answer(grant) : json(400, { error: 'invalid_grant' });
      if (grant) await this.beforeAnswer();
    } else {
      this.ledger.note(token, 'undecided');
    }
    await delay?.();
    if (instead === 'disconnect') throw new TypeError('connection reset');
    return instead ?? (answer as Response);
  }

  #revoke(form: URLSearchParams): Response {
    this.ledger.revoke(form.get('token') ?? '');
    return new Response(null, { status: 200 });
  }

  async #answer(grant: Grant): Promise<Response> {
    const { accessToken, refreshToken } = this.ledger.issue(grant);
    return json(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: this.expiresIn,
      refresh_token: refreshToken,
      scope: grant.scope,
      ...(grant.scope.split(' ').includes('openid') && { id_token: await this.#idToken(grant) }),
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
    const curve = { name: 'ECDSA', namedCurve: 'P-256' };
    this.#key ??= crypto.subtle.generateKey(curve, false, ['sign', 'verify']) as Promise<CryptoKeyPair>;
    const { privateKey } = await this.#key;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const idToken = `${signed}.${text(await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(signed)))}`;
    this.secrets.add(idToken);
    return idToken;
  }
}
