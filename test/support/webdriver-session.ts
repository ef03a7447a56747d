/** What {@link WebDriverSession.open} needs to know of the browser. */
export interface WebDriverTarget {
  /** Where the driver answers. */
  readonly url: string;
  readonly capabilities: object;
}

/**
 * One WebDriver session (W3C WebDriver): a browser with a main window and further tabs.
 *
 * Calls may be made concurrently; they run one after the other, since a session has one current window.
 */
export class WebDriverSession {
  readonly #url: string;
  readonly #main: string;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(url: string, main: string) {
    this.#url = url;
    this.#main = main;
  }

  /** Starts the browser. */
  static async open({ url, capabilities }: WebDriverTarget): Promise<WebDriverSession> {
    const answer = await call(url, 'POST', '/session', { capabilities: { alwaysMatch: capabilities } });
    const session = `${url}/session/${(answer as { sessionId: string }).sessionId}`;
    return new WebDriverSession(session, (await call(session, 'GET', '/window')) as string);
  }

  /** Loads an address in the main window. */
  navigate(address: string): Promise<void> {
    return this.#inTab(this.#main, () => this.#post('/url', { url: address }).then(() => undefined));
  }

  /** Opens a tab of the same profile; resolves with its handle. */
  newTab(address: string): Promise<string> {
    return this.#inTab(this.#main, async () => {
      const { handle } = (await this.#post('/window/new', { type: 'tab' })) as { handle: string };
      await this.#post('/window', { handle });
      await this.#post('/url', { url: address });
      return handle;
    });
  }

  /** Runs the body of an async function in a tab; resolves with what it returns. */
  evaluate(handle: string, body: string): Promise<unknown> {
    return this.#inTab(handle, async () => {
      const script = `const done = arguments[arguments.length - 1];
        (async () => { ${body} })().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const answer = (await this.#post('/execute/async', { script, args: [] })) as { value?: unknown; error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    });
  }

  reload(handle: string): Promise<void> {
    return this.#inTab(handle, () => this.#post('/refresh', {}).then(() => undefined));
  }

  closeTab(handle: string): Promise<void> {
    return this.#inTab(handle, () => call(this.#url, 'DELETE', '/window').then(() => undefined));
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    await call(this.#url, 'DELETE', '');
  }

  #post(path: string, body: object): Promise<unknown> {
    return call(this.#url, 'POST', path, body);
  }

  #inTab<T>(handle: string, action: () => Promise<T>): Promise<T> {
    const next = this.#last.then(async () => {
      await this.#post('/window', { handle });
      try {
        return await action();
      } finally {
        // vitest's own page keeps running in the main window, which must not stay in the background.
        await this.#post('/window', { handle: this.#main });
      }
    });
    this.#last = next.catch(() => undefined);
    return next;
  }
}

async function call(base: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(base + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`WebDriver refused ${method} ${path}: ${JSON.stringify(value)}`);
  return value;
}
