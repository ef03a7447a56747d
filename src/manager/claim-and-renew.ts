import type { SavedToken } from '../core/oauth-token.ts';
import type { ClaimOutcome } from '../core/record-backend.ts';
import { persistently } from './persistently.ts';
import { type Renewed, renewToken } from './renew-token.ts';
import type { SourceContext } from './source-context.ts';
import { watched } from './wait-for-renewal.ts';

/** Time to store what was renewed, when the authorization server has taken all of its own. */
const storingMs = 20_000;

/**
 * Renews the token, if nobody else does at the moment.
 *
 * @returns `undefined` when the claim was not granted: read again.
 * @throws what {@link renewToken} throws; `E_STORAGE` when the claim could not be asked for.
 */
export async function claimAndRenew(token: SavedToken, context: SourceContext): Promise<Renewed | undefined> {
  const { signals, renewal } = context;
  const work = async (owner: string): Promise<Renewed | undefined> => {
    const claim = await claimFor(owner, token, context);
    if (!claim.granted) return undefined;
    // a refresh token that is never replaced cannot have been
    const doubts = renewal.rotation === 'none' ? 0 : claim.doubts;
    return renewToken(token, { owner, doubts }, context);
  };
  const owner = crypto.randomUUID();
  // the sign of life begins before the claim: a holder without one would be taken for dead
  return signals === undefined ? work(owner) : signals.hold(watched + owner, work);
}

async function claimFor(
  owner: string,
  token: SavedToken,
  { store, timeoutMs, keepRunning }: SourceContext,
): Promise<ClaimOutcome> {
  let tries = 0;
  // perhaps granted without anybody learning of it: nothing was sent, so that there is nothing to wait for or to doubt
  const giveBack = (): Promise<void> => persistently(() => store.releaseToken(token.id, { owner }));
  try {
    const outcome = await persistently(() => {
      tries++;
      return store.claimToken(token, { owner, ttlMs: timeoutMs + storingMs });
    });
    // before the sign of life ends: whoever finds the claim after that takes its holder for dead, and doubts
    if (!outcome.granted && tries > 1) await giveBack().catch(() => undefined);
    return outcome;
  } catch (error) {
    if (tries > 1) keepRunning(giveBack());
    throw error;
  }
}
