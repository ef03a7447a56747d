import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { checkOptions } from './check-options.ts';
import type { EdgeOptions } from './edge-options.ts';

/** What {@link administration} needs: the options of the routes that users sign in with, and who may call. */
export interface AdministrationOptions extends EdgeOptions {
  /** What a caller sends as `Authorization: Bearer …`: random, 32 characters at least. Never in a page. */
  readonly secret: string;
}

const shortestSecret = 32;

/**
 * @throws `E_CONFIG` when an option is missing or wrong; the message names it and never holds its value.
 */
export function checkAdministrationOptions(options: AdministrationOptions | undefined): void {
  if (options === undefined) return;
  checkOptions(options);
  const { secret } = options;
  if (typeof secret === 'string' && secret.length >= shortestSecret) return;
  throw new TokenkeepError('E_CONFIG', `Set secret to ${shortestSecret} random characters or more.`);
}
