import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** The same failure, with the certainty that it came before a code or a token was sent. Other errors stay what they are. */
export function withoutDoubt(error: unknown): unknown {
  if (!(error instanceof TokenkeepError)) return error;
  return new TokenkeepError(error.code, error.message, { ...error, inDoubt: false });
}
