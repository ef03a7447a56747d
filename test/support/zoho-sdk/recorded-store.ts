import type { OAuthToken } from '@zohocrm/typescript-sdk-8.0';
import type { ZohoTokenStore } from '../../../src/integrations/zoho/zoho-token-store.ts';

/** A store of the SDK that notes each call with what came of it, such as `findToken → null`, in the order of the calls. */
export function recordedStore(
  store: ZohoTokenStore<OAuthToken>,
): ZohoTokenStore<OAuthToken> & { readonly calls: string[] } {
  const calls: string[] = [];
  const noted =
    <Arguments extends readonly unknown[], Result>(
      name: string,
      method: (...args: Arguments) => Promise<Result>,
      told: (result: Result) => string = () => '',
    ) =>
    (...args: Arguments): Promise<Result> => {
      const at = calls.push(name) - 1;
      const outcome = method(...args);
      outcome.then(
        (result) => {
          calls[at] += told(result);
        },
        () => {
          calls[at] += ' ✗';
        },
      );
      return outcome;
    };
  return {
    calls,
    findToken: noted('findToken', store.findToken, (token) => (token === null ? ' → null' : ' → token')),
    findTokenById: noted('findTokenById', store.findTokenById),
    saveToken: noted('saveToken', store.saveToken),
    deleteToken: noted('deleteToken', store.deleteToken),
    getTokens: noted('getTokens', store.getTokens),
    deleteTokens: noted('deleteTokens', store.deleteTokens),
  };
}
