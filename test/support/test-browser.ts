/** A cookie as the browser keeps it. */
export interface KeptCookie {
  readonly value: string;
  /** Its attributes, sorted, in lower case. */
  readonly attributes: readonly string[];
  readonly sameSite: string;
}

/** What takes a request: a Hono app with its bindings. */
export type Serve = (request: Request) => Promise<Response>;

/**
 * As much of a browser as a sign-in needs: cookies with their prefix and SameSite rules, navigations from elsewhere, and
 * calls by our own page. Remembers everything it was sent.
 */
export class TestBrowser {
  readonly cookies = new Map<string, KeptCookie>();
  /** Every answer with its headers and body, in order. */
  readonly received: string[] = [];
  readonly #origin: string;
  readonly #serve: Serve;

  constructor(origin: string, serve: Serve) {
    this.#origin = origin;
    this.#serve = serve;
  }

  /** Goes to an address, by a link on another site or a redirect that began there. */
  navigate(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers: { 'Sec-Fetch-Site': 'cross-site', ...headers } });
  }

  /** What a script of our own page does. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ 'Sec-Fetch-Site': 'same-origin', Origin: this.#origin });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return this.#send(path, { ...init, headers });
  }

  /** The value of the one cookie whose name begins so. */
  cookie(prefix: string): KeptCookie & { readonly name: string } {
    const found = [...this.cookies].filter(([name]) => name.startsWith(prefix));
    const [name, cookie] = found[0] ?? [];
    if (found.length !== 1 || !name || !cookie) throw new Error(`there are ${found.length} cookies ${prefix}`);
    return { name, ...cookie };
  }

  /** Puts a cookie there by hand, as somebody does who copied or altered it. */
  plant(name: string, value: string): void {
    this.cookies.set(name, { value, attributes: [], sameSite: 'lax' });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const crossSite = headers.get('Sec-Fetch-Site') === 'cross-site';
    const sent = [...this.cookies].filter(([, { sameSite }]) => !(crossSite && sameSite === 'strict'));
    if (sent.length > 0) headers.set('Cookie', sent.map(([name, { value }]) => `${name}=${value}`).join('; '));
    const response = await this.#serve(
      new Request(new URL(path, this.#origin), { redirect: 'manual', ...init, headers }),
    );
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const body = await response.clone().text();
    this.received.push(`${response.status}\n${JSON.stringify([...response.headers])}\n${body}`);
    return response;
  }

  #keep(line: string): void {
    const [pair = '', ...rest] = line.split(/;\s*/);
    const separator = pair.indexOf('=');
    const name = pair.slice(0, separator);
    const attributes = rest.map((attribute) => attribute.toLowerCase()).sort();
    const prefixed = attributes.includes('secure') && attributes.includes('path=/') && !/domain=/.test(`${attributes}`);
    if (name.startsWith('__Host-') && !prefixed) throw new Error(`a browser refuses the cookie ${name}`);
    if (attributes.includes('max-age=0')) this.cookies.delete(name);
    else {
      const sameSite = attributes.find((attribute) => attribute.startsWith('samesite='))?.slice(9) ?? 'lax';
      this.cookies.set(name, { value: pair.slice(separator + 1), attributes, sameSite });
    }
  }
}
