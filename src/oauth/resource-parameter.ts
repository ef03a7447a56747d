import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * The parameter that names the API a token is for (RFC 8707 §2), if there is one to name.
 *
 * @throws `E_CONFIG` for what is not an absolute URI without a fragment.
 */
export function resourceParameter(resource: string | undefined): { readonly resource?: string } {
  if (resource === undefined) return {};
  if (URL.canParse(resource) && !resource.includes('#')) return { resource };
  throw new TokenkeepError('E_CONFIG', 'Set resource to an absolute URI without a fragment.');
}
