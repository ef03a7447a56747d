/** A user with a browser, as far as a sign-in needs one: it keeps cookies, follows redirects and fills in one form. */
export class OAuthUser {
  readonly #cookies = new Map<string, string>();

  /**
   * Opens the address and answers what the server asks, until the server sends the browser back to the application.
   * `other` says that the user remembered by the server is somebody else, then gives the name.
   *
   * @returns where the browser was sent to.
   */
  async signIn(start: URL, answer: { name?: string; action?: 'allow' | 'deny' | 'other' } = {}): Promise<URL> {
    const { name = 'alice', action = 'allow' } = answer;
    let response = await this.#open(start);
    for (let step = 0; step < 10; step++) {
      const location = response.headers.get('location');
      if (location) {
        const next = new URL(location, response.url);
        if (next.origin !== start.origin) return next;
        response = await this.#open(next);
      } else {
        const page = await response.text();
        if (!page.includes('name="action"')) throw new Error(`The server shows something else (${response.status})`);
        const asksName = page.includes('name="name"');
        const chosen = asksName && action === 'other' ? 'allow' : action;
        const body = new URLSearchParams(asksName ? { name, action: chosen } : { action: chosen });
        response = await this.#open(new URL(response.url), { method: 'POST', body });
      }
    }
    throw new Error('The sign-in does not end');
  }

  async #open(url: URL, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970|Max-Age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}
