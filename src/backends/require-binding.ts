import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * A binding that a Worker's settings do not name is `undefined`, and would fail at the first use with whatever the engine says.
 *
 * @param what names what it should be, such as "a D1 database".
 * @throws `E_CONFIG` when there is no binding.
 */
export function requireBinding(binding: unknown, what: string): void {
  if (binding !== undefined && binding !== null) return;
  throw new TokenkeepError('E_CONFIG', `there is no binding for ${what}; check its name in wrangler.toml`);
}
