import { TokenkeepError } from '../../../src/core/tokenkeep-error.ts';
import type { ModelRun } from './model-run.ts';
import { accounts } from './plan.ts';

/** What must hold when everything is over, and everybody has asked once more. */
export function judge(run: ModelRun): void {
  judgeArrivals(run);
  judgeOrphans(run);
  for (const user of accounts) judgeLastCall(run, user);
}

/** No refresh token is sent twice, unless nobody knows what became of the first time; and then once more at most. */
function judgeArrivals(run: ModelRun): void {
  const counts = new Map<number, number>();
  for (const { ordinal, settled } of run.network.arrivals) {
    if (!settled) counts.set(ordinal, (counts.get(ordinal) ?? 0) + 1);
  }
  const most = run.dangers.size > 0 && run.plan.whenInDoubt === 'retry-once' ? 2 : 1;
  for (const [ordinal, count] of counts) {
    if (count > most) run.violate(`refresh token ${ordinal} was sent ${count} times, and ${most} was the most`);
  }
}

/** Without a danger every refresh token that works is stored, or was until a sign-out or a new sign-in. */
function judgeOrphans(run: ModelRun): void {
  if (run.dangers.size > 0) return;
  const { audit, network, server } = run;
  for (const refreshToken of network.renewed) {
    const known = server.ledger.known(refreshToken);
    if (!known?.live || audit.everStored.has(refreshToken)) continue;
    if (!audit.replacedGrants.has(known.grant))
      run.violate(`refresh token ${known.ordinal} of ${known.user} works, and nobody has it`);
  }
}

function judgeLastCall(run: ModelRun, user: string): void {
  const how = run.last.get(user);
  const stored = run.audit.stored.get(user);
  if (how instanceof TokenkeepError) {
    const { code, reason } = how;
    if (code !== 'E_REAUTH') run.violate(`the last caller for ${user} failed with ${code}`);
    if (stored === undefined) return;
    if (reason === undefined) run.violate(`the last caller for ${user} was told that there is no token`);
    const refused = run.network.arrivals.some((arrival) => arrival.refused);
    if (reason === 'refused' && !refused) run.violate(`${user} was told of a refusal that never was`);
    if (run.dangers.size === 0) run.violate(`the session of ${user} is over, and nothing ended it`);
    return;
  }
  if (stored === undefined) run.violate(`the last caller for ${user} was served after the sign-out`);
  const accessToken = how?.token?.accessToken ?? '';
  if (run.server.userOf(accessToken) !== user)
    run.violate(`the last caller for ${user} got a token that does not work`);
}
