import { type ServerError, serverErrors } from '../server-error.ts';
import type { StrictAuthorizationServer } from '../strict-authorization-server.ts';
import { api } from './model-process.ts';
import type { VirtualWorld } from './virtual-world.ts';

/** A refresh token that arrived at the server. */
export interface Arrival {
  readonly ordinal: number;
  /** Whether the server said that it is worth nothing. */
  readonly refused: boolean;
  /** Whether its sender was told, and could understand, that the refresh token was not taken. */
  settled: boolean;
}

/**
 * Answers of the server itself, after which nothing is in doubt. One that has failed (500) has done nothing, as far as the
 * code under test can know.
 */
const definite: ReadonlySet<string> = new Set<ServerError>([
  'busy-seconds',
  'busy-date',
  'busy',
  'failed',
  'unavailable',
  'invalid_client',
  'unauthorized_client',
  'invalid_grant',
]);

/** Answers that a server can also give when it has acted. */
const deceptive: ReadonlySet<string> = new Set<ServerError>(['failed', 'bad-gateway', 'broken']);

/**
 * The network between the processes and the authorization server. A request waits twice: to arrive there, which it does
 * even when its sender has given up or died, and for its answer to come back.
 */
export class GatedNetwork {
  /** Every refresh token that arrived, in order. */
  readonly arrivals: Arrival[] = [];
  /** The refresh tokens that the answers to renewals held. */
  readonly renewed: string[] = [];
  readonly #world: VirtualWorld;
  readonly #server: StrictAuthorizationServer;
  readonly #now: () => number;

  constructor(world: VirtualWorld, server: StrictAuthorizationServer, now: () => number) {
    this.#world = world;
    this.#server = server;
    this.#now = now;
  }

  /** The `fetch` of a process. */
  of(process: number): typeof globalThis.fetch {
    return (input, init) =>
      new Promise((resolve, reject) => {
        const request = new Request(input as Request, init);
        const signal = init?.signal ?? request.signal;
        const give = (): void => reject(signal.reason);
        if (signal.aborted) give();
        else signal.addEventListener('abort', give);
        this.#exchange(request, process, signal).then(resolve, reject);
      });
  }

  async #exchange(request: Request, process: number, signal: AbortSignal): Promise<Response> {
    const label = `${request.method} ${new URL(request.url).pathname}`;
    const lost = new TypeError('the connection failed');
    if (request.url.startsWith(api)) return this.#askApi(request, process);
    const fate = await this.#world.gate({ process, kind: 'arrival', label });
    if (fate === 'fail') throw lost;
    const { answer, arrival } = await this.#world.run(() => this.#serve(request, fate));
    await this.#world.gate({ process, kind: 'answer', label });
    if (fate === 'lose') throw lost;
    if (arrival !== undefined && !signal.aborted) arrival.settled = definite.has(errorOf(fate));
    return answer;
  }

  async #askApi(request: Request, process: number): Promise<Response> {
    await this.#world.gate({ process, kind: 'api', label: 'GET /me' });
    const accessToken = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
    const user = this.#server.userOf(accessToken);
    return Response.json({ user: user ?? null }, { status: user === undefined ? 401 : 200 });
  }

  async #serve(request: Request, fate: string): Promise<{ answer: Response; arrival: Arrival | undefined }> {
    const { calls } = this.#server.ledger;
    const before = calls.length;
    const error = errorOf(fate);
    this.#server.disturb = () =>
      error === '' ? undefined : { instead: serverErrors[error](this.#now()), acts: fate.endsWith('acts') };
    const answer = await this.#server.fetch(request);
    const call = calls.length > before ? calls.at(-1) : undefined;
    if (call?.ordinal === undefined) return { answer, arrival: undefined };
    const refused = error === 'invalid_grant' || call.outcome === 'reused' || call.outcome === 'refused';
    const arrival = { ordinal: call.ordinal, refused, settled: false };
    this.arrivals.push(arrival);
    if (call.outcome === 'renewed' && answer.ok) {
      const { refresh_token } = (await answer
        .clone()
        .json()
        .catch(() => ({}))) as { refresh_token?: string };
      if (refresh_token !== undefined) this.renewed.push(refresh_token);
    }
    return { answer, arrival };
  }
}

/** The fate of a request that gets an error for an answer, or none. */
export function answerFate(error: ServerError | 'disconnect', acts: boolean): string {
  if (error === 'disconnect') return acts ? 'lose' : 'fail';
  return `answer ${error}${acts && deceptive.has(error) ? ' acts' : ''}`;
}

/** Whether a session survives this fate, however often it comes. */
export function isHarmless(fate: string): boolean {
  const error = errorOf(fate);
  return fate === 'do' || (definite.has(error) && error !== 'invalid_grant' && !fate.endsWith('acts'));
}

function errorOf(fate: string): ServerError | '' {
  return fate.startsWith('answer') ? (fate.split(' ')[1] as ServerError) : '';
}
