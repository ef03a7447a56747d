import type { SavedToken } from '../core/oauth-token.ts';
import type { TokenEvent } from '../core/token-event.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { keepRunningBy } from '../manager/keep-running.ts';
import { isOwnToken } from '../oauth/is-own-token.ts';
import { checkOptions } from './check-options.ts';
import type { EdgeOptions } from './edge-options.ts';
import { type EdgeServices, openServices } from './edge-services.ts';
import { edgeSource } from './edge-source.ts';
import { resealSlice } from './reseal-slice.ts';

/** How much {@link maintain} does in one run. */
export interface MaintenanceOptions {
  /** How many tokens are renewed at most, and how many records sealed anew; up to ten times as many expired ones are deleted. Default 50. */
  readonly limit?: number;
  /** How long work is begun, in milliseconds; what has begun is brought to its end. Default 60 000. */
  readonly budgetMs?: number;
  /** Keeps the runtime alive until a renewal has ended: in a Worker `(work) => executionContext.waitUntil(work)`. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** What a run came to: numbers, and nothing of any token or user. */
export interface MaintenanceReport {
  /** Tokens that this run has renewed. */
  readonly renewed: number;
  /** Tokens that somebody else has renewed, is renewing or has deleted meanwhile. */
  readonly left: number;
  /** Tokens that the authorization server could not renew now. They are tried again later. */
  readonly postponed: number;
  /** Tokens whose users have to sign in again. They are not tried again. */
  readonly reauthRequired: number;
  /** Tokens that were not renewed because the client is refused, or the database failed. They are tried again later. */
  readonly failed: number;
  /** Due tokens that belong to other servers or clients, which have to be maintained with their own options. */
  readonly foreign: number;
  /** Due records that do not open. */
  readonly damaged: number;
  /** Records whose time was over, sessions among them, that are deleted now. */
  readonly deleted: number;
  /** Records, of all tenants, that are sealed with the keyring's present keys now. */
  readonly resealed: number;
  /** Whether something is left that the next run would do at once. */
  readonly more: boolean;
}

type Outcome = 'renewed' | 'left' | 'postponed' | 'reauthRequired' | 'failed';

/** What an event says of the token's renewal. A later one says it better. */
const outcomes: { readonly [T in TokenEvent['type']]?: Outcome } = {
  refreshed: 'renewed',
  'retry-later': 'postponed',
  'reauth-required': 'reauthRequired',
  'configuration-error': 'failed',
  'persist-failed': 'failed',
};

/** As many renewals at the same time as leave a Worker a connection for its database. */
const lanes = 5;
/** How many records are looked at for each token that may be renewed, when those of other clients or damaged ones are in front. */
const reaches = [1, 4, 16] as const;

/**
 * Scheduled work, for a Worker's `scheduled` handler or a timer: deletes records whose time is over (sessions, sign-ins that
 * were given up, tokens that nobody can renew), renews the tokens with `keepFresh` that are due, so that no user waits
 * for it, and, while the keyring has more than one key that opens records, seals some of those that need new keys anew. What
 * a run does not get to is done the next time. Without compare-and-set only a `refresher` seals anew (see {@link EdgeOptions.role}).
 *
 * Concurrency: runs may overlap, with each other and with requests. Each token is claimed before it is renewed, so that the
 * authorization server is asked once, where the backend has compare-and-set.
 *
 * @throws `E_CONFIG`, `E_UNSUPPORTED` and `E_KEYRING` when an option is wrong; `E_STORAGE` when the database fails. What
 * goes wrong with one token is counted, and stops no other.
 */
export async function maintain(
  options: EdgeOptions,
  { limit = 50, budgetMs = 60_000, waitUntil }: MaintenanceOptions = {},
): Promise<MaintenanceReport> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TokenkeepError('E_CONFIG', 'Set limit to a whole number.');
  checkOptions(options);
  const services = await openServices(options, '', keepRunningBy(waitUntil));
  const until = services.now() + budgetMs;

  const deleted = await deleteExpired(services, 10 * limit);
  // before renewals: a backend without strong reads could show a token as it was before this run has renewed it
  const slice = await resealSlice(services, limit, until);
  const { queue, foreign, damaged, isFull } = await dueTokens(services, limit);
  const counts: Record<Outcome, number> = { renewed: 0, left: 0, postponed: 0, reauthRequired: 0, failed: 0 };
  const lane = async (): Promise<void> => {
    while (services.now() < until) {
      const token = queue.shift();
      if (token === undefined) return;
      counts[await renew(services, token)]++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const more = isFull || queue.length > 0 || deleted === 10 * limit || slice.more;
  return { ...counts, foreign, damaged, deleted, resealed: slice.resealed, more };
}

async function deleteExpired({ options, now }: EdgeServices, limit: number): Promise<number> {
  const { backend } = options;
  // a backend that names a minimum life drops expired records by itself
  return backend.capabilities.minimumTtlMs === undefined ? backend.deleteExpired(now(), limit) : 0;
}

async function dueTokens(
  services: EdgeServices,
  limit: number,
): Promise<{
  readonly queue: SavedToken[];
  readonly foreign: number;
  readonly damaged: number;
  readonly isFull: boolean;
}> {
  const { store, now, options } = services;
  let found = { queue: [] as SavedToken[], foreign: 0, damaged: 0, isFull: false };
  if (options.role === 'reader') return found;
  for (const reach of reaches) {
    let damaged = 0;
    const onCorrupt = (): void => {
      damaged++;
    };
    const due = await store.dueTokens(now(), { limit: reach * limit, onCorrupt });
    const own = due.filter((token) => isOwnToken(services.client, token));
    const isFull = due.length + damaged === reach * limit;
    found = { queue: own.slice(0, limit), foreign: due.length - own.length, damaged, isFull };
    if (own.length >= limit || !isFull) break;
  }
  return found;
}

async function renew(services: EdgeServices, { id }: SavedToken): Promise<Outcome> {
  const { options } = services;
  let outcome: Outcome = 'left';
  const onEvent = (event: TokenEvent): void => {
    outcome = outcomes[event.type] ?? outcome;
    options.onEvent?.(event);
  };
  try {
    await edgeSource({ ...services, options: { ...options, onEvent } }, id).getToken();
  } catch (error) {
    const { code, reason } = error as Partial<TokenkeepError>;
    if (code === 'E_TIMEOUT' || code === 'E_UNAVAILABLE') outcome = 'postponed';
    else if (code === 'E_REAUTH') outcome = reason === undefined ? 'left' : 'reauthRequired';
    else outcome = 'failed';
  }
  return outcome;
}
