/** What the API saw of a call, as it answers it. */
export interface SeenCall {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** What was to be done with a redirect. */
  readonly redirect: string;
  readonly user: string;
}

/**
 * An API that answers what it was asked, to whoever presents a live access token. `/answer` gives the answer that the
 * test has put into `next`.
 */
export class ProtectedApi {
  /** How often it was called, refused calls included. */
  calls = 0;
  /** When set, the API cannot be reached. */
  down = false;
  next = (): Response => new Response(null, { status: 204 });
  readonly #userOf: (accessToken: string) => string | undefined;

  constructor(userOf: (accessToken: string) => string | undefined) {
    this.#userOf = userOf;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    if (this.down) throw new TypeError('connection refused');
    this.calls++;
    const { method, url, headers, redirect } = request;
    const user = this.#userOf(/^Bearer (.+)$/.exec(headers.get('Authorization') ?? '')?.[1] ?? '');
    if (user === undefined) return Response.json({ error: 'invalid_token' }, { status: 401 });
    if (new URL(url).pathname.endsWith('/answer')) return this.next();
    const seen: SeenCall = {
      method,
      url,
      redirect,
      headers: Object.fromEntries(headers),
      body: new TextDecoder().decode(await request.arrayBuffer()),
      user,
    };
    return Response.json(seen);
  };
}
