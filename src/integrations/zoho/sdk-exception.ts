import type { ErrorCode, TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { ZohoSdk } from './zoho-sdk.ts';

/** The code under which the SDK's own stores report everything. */
const storeCode = 'TOKEN_STORE';

/**
 * A failure as the SDK reports one: an `SDKException` with tokenkeep's code and sentence. Of an error that is not tokenkeep's
 * nothing is told, since it may quote a token.
 */
export function sdkException({ SDKException }: Pick<ZohoSdk, 'SDKException'>, error: unknown): object {
  const message = isTokenkeepError(error)
    ? `${error.code}: ${error.message}`
    : 'E_STORAGE: the store failed in a way nobody foresaw; look at its database and try again';
  // absent details are printed by toString() as "undefined", once more each time, and empty ones by the constructor as "null"
  return Object.assign(new SDKException(storeCode, message), { details: null });
}

/** The code of an error of tokenkeep. */
export function codeOf(error: unknown): ErrorCode | undefined {
  return isTokenkeepError(error) ? error.code : undefined;
}

/** By its name: `instanceof` fails across two copies of the package. */
function isTokenkeepError(error: unknown): error is TokenkeepError {
  return error instanceof Error && error.name === 'TokenkeepError';
}
