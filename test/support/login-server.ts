import type { IncomingMessage, ServerResponse } from 'node:http';
import { startHttpServer } from '../../scripts/local/http-server.ts';
import type { RefreshCall } from './grant-ledger.ts';
import { StrictAuthorizationServer } from './strict-authorization-server.ts';

/** Settings of {@link LoginServer}. */
export interface LoginServerOptions {
  readonly clientId: string;
  readonly redirectUrl: string;
  /** How long a renewal's answer takes, in milliseconds, after the server has done its part. Default 0. */
  readonly delayMs?: number;
  /** See {@link StrictServerOptions}. */
  readonly graces?: number;
}

/** What a {@link LoginServer} has seen. */
export interface LoginServerState {
  /** What came of each refresh token that was sent to it. */
  readonly refreshes: readonly RefreshCall['outcome'][];
  /** Whether the user's grant can still be renewed. */
  readonly isGranted: boolean;
}

/**
 * The strict authorization server and an API (`/me`) as tabs reach them: over HTTP, on this machine, from another origin. A
 * tab that is closed takes its connection with it.
 */
export class LoginServer {
  readonly #server: StrictAuthorizationServer;
  readonly #refused = new Set<string>();
  readonly #close: () => Promise<void>;
  #held = 0;
  #holding: Promise<void> | undefined;
  #release = (): void => {};
  #changed = Promise.withResolvers<void>();

  private constructor(server: StrictAuthorizationServer, delayMs: number, close: () => Promise<void>) {
    this.#server = server;
    this.#close = close;
    server.beforeAnswer = async () => {
      this.#held++;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
      await this.#holding;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      this.#held--;
    };
  }

  /** Starts one; resolves with it and its issuer. */
  static async start({
    clientId,
    redirectUrl,
    delayMs = 0,
    graces = 0,
  }: LoginServerOptions): Promise<readonly [LoginServer, string]> {
    let login: LoginServer;
    const http = await startHttpServer({}, (request, response) => login.#handle(request, response));
    const server = new StrictAuthorizationServer({ issuer: http.url, client: { clientId, redirectUrl }, graces });
    login = new LoginServer(server, delayMs, () => http.close());
    return [login, http.url];
  }

  /** What the browser does at the authorization endpoint: resolves with the address it is sent back to. */
  consent(address: string, user: string): string {
    return this.#server.authorize(address, { user }).href;
  }

  /** Keeps the answers of renewals back: the server has rotated the refresh token by then, and nobody knows. */
  hold(): void {
    this.#holding ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  /** Waits until an answer is kept back. */
  async untilHeld(): Promise<void> {
    while (this.#held === 0) await this.#changed.promise;
  }

  /** Sends the answers that are kept back, and those to come at once. */
  release(): void {
    this.#release();
    this.#holding = undefined;
  }

  /** The API refuses all access tokens that there are so far. */
  forgetAccessTokens(): void {
    for (const secret of this.#server.secrets) this.#refused.add(secret);
  }

  state(user: string): LoginServerState {
    const refreshes = this.#server.ledger.calls.map(({ outcome }) => outcome);
    return { refreshes, isGranted: this.#server.isGranted(user) };
  }

  /** Every secret that was ever handed out or presented. */
  secrets(): readonly string[] {
    return [...this.#server.secrets];
  }

  async stop(): Promise<void> {
    this.release();
    await this.#close();
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const answer = await this.#answer(
      new Request(`http://${headers.host}${incoming.url}`, {
        method,
        headers: Object.entries(headers).map(([name, value]) => [name, `${value}`] as [string, string]),
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      }),
    );
    const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'authorization' };
    outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...cors });
    outgoing.end(await answer.text());
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204 });
    if (new URL(request.url).pathname !== '/me') return this.#server.fetch(request);
    const token = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
    const user = this.#refused.has(token) ? undefined : this.#server.userOf(token);
    return user === undefined ? Response.json({}, { status: 401 }) : Response.json({ user });
  }
}
