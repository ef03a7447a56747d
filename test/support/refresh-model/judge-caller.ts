import { TokenkeepError } from '../../../src/core/tokenkeep-error.ts';
import type { Got } from './model-process.ts';
import type { ModelRun } from './model-run.ts';
import type { CallerKind } from './plan.ts';

/** Somebody who wants something of a process. */
export interface Caller {
  readonly name: string;
  readonly kind: CallerKind;
  readonly user: string;
  readonly process: number;
  /** The clock of the process. */
  readonly now: () => number;
  /** The access token that was stored when the caller began. */
  readonly refused: string | undefined;
  readonly giveUp: AbortController;
}

/** The callers that want a token. */
export const sourceKinds: ReadonlySet<CallerKind> = new Set(['get', 'force', 'fetch']);
/** What a token source may fail with, whatever happens to it. */
const typed = new Set(['E_REAUTH', 'E_TIMEOUT', 'E_UNAVAILABLE', 'E_CONFIG', 'E_STORAGE']);

/** Whoever gets a token gets one that works: by the server's clock, or at least by the caller's. */
export function judgeAnswer(run: ModelRun, caller: Caller, { token, status = 200 }: Got): void {
  const { name, kind, user, refused } = caller;
  if (status !== 200) judgeService(run, caller, `status ${status}`);
  if (token === undefined) return;
  if (kind === 'force' && token.accessToken === refused) run.violate(`${name} got the token it had refused`);
  const speaksFor = run.server.userOf(token.accessToken);
  if (speaksFor === user) return;
  if (speaksFor !== undefined) run.violate(`${name} got a token of ${speaksFor}`);
  if ((token.expiresAt ?? 0) <= caller.now()) run.violate(`${name} got a token that is over for everybody`);
  judgeService(run, caller, 'a dead token');
}

/** Whoever gets none learns why, in words that are known and true. */
export function judgeFailure(run: ModelRun, caller: Caller, error: TokenkeepError): void {
  const { name, kind, user, giveUp } = caller;
  const { code, reason } = error;
  if (giveUp.signal.aborted) {
    if (error !== giveUp.signal.reason) run.violate(`${name} gave up, and was told ${code}`);
    return;
  }
  const known = error instanceof TokenkeepError && (typed.has(code) || !sourceKinds.has(kind));
  if (!known) run.violate(`${name} failed with ${code ?? error}`);
  if (reason === 'interrupted' && run.dangers.size === 0) run.violate(`${name} was interrupted by nothing`);
  if (code === 'E_CONFIG' && !run.fates.has('client')) run.violate(`${name} was told that the client is refused`);
  if (code === 'E_STORAGE' && !run.fates.has('database')) run.violate(`${name} was told that the database failed`);
  const stored = run.audit.stored.get(user)?.token;
  if (reason !== undefined && stored !== undefined && stored.reauthRequired === undefined) {
    run.violate(`${name} was told ${reason}, and nothing is stored of it`);
  }
  if (sourceKinds.has(kind)) judgeService(run, caller, code);
}

/** Without anything in the way, everybody is served. */
function judgeService(run: ModelRun, { name }: Caller, got: string): void {
  if (run.hindrances.size + run.dangers.size === 0) run.violate(`${name} got ${got}, and nothing was in its way`);
}
