import type { AccessOutcome } from '../core/access-token.ts';
import type { OAuthToken, ReauthReason, SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { ClaimRelease } from '../core/record-backend.ts';
import type { Renewal } from '../core/renewal.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { checkedAnswer, unusableAnswer } from './checked-answer.ts';
import { type Commit, commitRenewal } from './commit-renewal.ts';
import type { EventTeller } from './event-teller.ts';
import type { KeepRunning } from './keep-running.ts';
import { persistently } from './persistently.ts';
import { reauthError } from './reauth-error.ts';
import { renewalFailure } from './renewal-failure.ts';
import { within } from './within.ts';

/** What a renewal works with. */
export interface RenewalContext {
  readonly store: ClaimableTokenStore;
  readonly renewal: Renewal;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly tell: EventTeller;
  readonly keepRunning: KeepRunning;
  readonly now: () => number;
}

/** The right to renew, as it was granted. */
export interface HeldClaim {
  readonly owner: string;
  /** How many earlier attempts with this refresh token ended without anybody knowing how. */
  readonly doubts: number;
}

/** The token that a renewal came to. */
export interface Renewed {
  readonly token: SavedToken;
  readonly outcome: AccessOutcome;
}

/**
 * Renews a token that the caller has claimed: one call to the authorization server, and one of four ends. The answer is
 * stored; or the refusal is stored, so that nobody asks again; or the claim is given back, to cool down or in doubt; or it
 * is left to its time, because this process or the database has died.
 *
 * @throws `E_REAUTH`, `E_UNAVAILABLE`, `E_CONFIG` or `E_STORAGE`, when all that follows from it has been stored.
 */
export async function renewToken(token: SavedToken, claim: HeldClaim, context: RenewalContext): Promise<Renewed> {
  const { doubts } = claim;
  const { whenInDoubt = 'retry-once' } = context.renewal;
  if (doubts > 1 || (doubts === 1 && whenInDoubt === 'sign-in')) return giveUp(token, claim, context, 'interrupted');
  let change: TokenChange;
  try {
    change = await call(token, claim, context);
  } catch (error) {
    return fail(token, claim, context, error);
  }
  return commit(token, claim, context, change);
}

/** The call to the authorization server. An answer that comes after its time is committed all the same, if nobody was faster. */
async function call(token: SavedToken, claim: HeldClaim, context: RenewalContext): Promise<TokenChange> {
  const { renewal, timeoutMs, keepRunning } = context;
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = (async () =>
    checkedAnswer(await renewal.refresh(token, { signal, inDoubt: claim.doubts > 0 }), token))();
  let late = false;
  const timedOut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      late = true;
      reject(new TokenkeepError('E_NETWORK', 'the authorization server did not answer in time'));
    });
  });
  keepRunning(answer.then((change) => (late ? commit(token, claim, context, change) : undefined)));
  return Promise.race([answer, timedOut]);
}

async function commit(
  token: SavedToken,
  claim: HeldClaim,
  context: RenewalContext,
  change: TokenChange,
): Promise<Renewed> {
  const { store, renewal, timeoutMs, tell, now } = context;
  const { id, revision } = token;
  const event = { tokenId: id, revision, at: now() };
  let committed: Commit | undefined;
  try {
    committed = await commitRenewal(store, token, change, claim.owner);
  } catch (error) {
    // once, because whoever waits meanwhile is better served by the claim's end than by this caller's patience
    await store.releaseToken(id, { owner: claim.owner, inDoubt: true }).catch(() => undefined);
    await tell({ ...event, type: 'persist-failed' });
    throw error;
  }
  if (committed === undefined) {
    await within(timeoutMs, (async () => renewal.revoke?.({ ...token, ...change } as OAuthToken))());
    await tell({ ...event, type: 'discarded' });
    throw new TokenkeepError('E_REAUTH', 'the token was deleted while it was renewed; sign in again');
  }
  const { token: stored, adopted } = committed;
  if (adopted) return adopt(stored, claim, context);
  await tell({ ...event, revision: stored.revision, type: 'refreshed' });
  return { token: stored, outcome: 'refreshed' };
}

/** Somebody else has stored a newer token, with a write that did not end this claim. */
async function adopt(theirs: SavedToken, claim: HeldClaim, context: RenewalContext): Promise<Renewed> {
  const { tell, now } = context;
  await release(claim, context, theirs.id, {});
  await tell({ type: 'adopted', tokenId: theirs.id, revision: theirs.revision, at: now() });
  return { token: theirs, outcome: 'adopted' };
}

/** The authorization server did not give a token. */
async function fail(token: SavedToken, claim: HeldClaim, context: RenewalContext, error: unknown): Promise<Renewed> {
  const failure = renewalFailure(error, context.intervalMs);
  if (failure.kind === 'refused') {
    return giveUp(token, claim, context, claim.doubts > 0 ? 'interrupted' : 'refused');
  }
  const { coolingMs, oauthError } = failure;
  const detail = oauthError === undefined ? {} : { oauthError };
  const { renewal, tell, now } = context;
  const event = { tokenId: token.id, revision: token.revision, at: now() };
  if (failure.kind === 'misconfigured') {
    await release(claim, context, token.id, { coolingMs });
    await tell({ ...event, type: 'configuration-error', ...detail });
    throw new TokenkeepError(
      'E_CONFIG',
      'the authorization server does not take this client or its request; correct the settings, the token is untouched',
      detail,
    );
  }
  const inDoubt = failure.inDoubt && renewal.rotation !== 'none';
  await release(claim, context, token.id, { coolingMs, inDoubt });
  if (inDoubt) await tell({ ...event, type: 'in-doubt', attempts: claim.doubts + 1 });
  await tell({ ...event, type: 'retry-later', retryAfterMs: coolingMs, ...detail });
  const isUnusable = error instanceof TokenkeepError && error.message === unusableAnswer;
  throw new TokenkeepError(
    'E_UNAVAILABLE',
    isUnusable ? unusableAnswer : 'the authorization server could not renew the token; try again in a moment',
    { retryAfterMs: coolingMs, inDoubt, ...detail },
  );
}

/** Stores that the user has to sign in again, unless somebody has stored a newer token. */
async function giveUp(
  token: SavedToken,
  claim: HeldClaim,
  context: RenewalContext,
  reason: ReauthReason,
): Promise<Renewed> {
  const { store, tell, now } = context;
  const { id, revision } = token;
  // without compare-and-set the mark could overwrite a sign-in that is not to be seen here yet
  if (!store.capabilities.compareAndSet) {
    await release(claim, context, id, {});
  } else {
    const committed = await commitRenewal(store, token, { reauthRequired: { reason, at: now() } }, claim.owner);
    if (committed === undefined) {
      throw new TokenkeepError('E_REAUTH', 'the token was deleted meanwhile; sign in again');
    }
    if (committed.adopted) return adopt(committed.token, claim, context);
  }
  await tell({ type: 'reauth-required', tokenId: id, revision, at: now(), reason });
  throw reauthError(reason);
}

/** Ends the claim without a write. When the database fails, the claim ends by itself, in doubt. */
async function release(
  { owner }: HeldClaim,
  { store }: RenewalContext,
  id: string,
  how: Omit<ClaimRelease, 'owner'>,
): Promise<void> {
  await persistently(() => store.releaseToken(id, { ...how, owner })).catch(() => undefined);
}
