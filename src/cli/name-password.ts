import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** Adds to the refusal of a server which environment variable its password belongs in, when that one is not set. */
export function namePassword(error: TokenkeepError, variable: string): TokenkeepError {
  if (process.env[variable] || !error.message.startsWith('the server refuses the user')) return error;
  return new TokenkeepError(error.code, `${error.message}; ${variable} is not set`);
}
