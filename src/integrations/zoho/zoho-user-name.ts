import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { answerBody } from '../../oauth/answer-body.ts';
import type { OAuthOptions } from '../../oauth/oauth-options.ts';
import { transport } from '../../oauth/transport.ts';

/**
 * Asks the API whose token it is.
 *
 * @param api the origin of the API.
 * @returns `email:zgid`, the user and the organisation, as the SDKs of Zoho name a user.
 * @throws `E_CONFIG` when the API does not tell; `E_NETWORK` when it cannot be reached, or is broken.
 */
export async function zohoUserName(api: string, accessToken: string, options: OAuthOptions): Promise<string> {
  const send = transport(options);
  const ask = async (path: string, list: 'users' | 'org', field: 'email' | 'zgid'): Promise<string> => {
    const headers = { authorization: `Zoho-oauthtoken ${accessToken}` };
    const response = await send(api + path, { headers, redirect: 'manual' }).catch(() => undefined);
    if (response === undefined || response.status >= 500) {
      throw new TokenkeepError('E_NETWORK', 'the API could not be asked whose token it is; sign in again, or later');
    }
    const body = response.ok ? answerBody(await response.text()) : undefined;
    const entries = body?.[list];
    const value: unknown = Array.isArray(entries) ? entries[0]?.[field] : undefined;
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
    throw new TokenkeepError(
      'E_CONFIG',
      `the API did not tell whose token it is (HTTP ${response.status}); ask for the scopes ZohoCRM.users.READ and ZohoCRM.org.READ, or give a userName`,
    );
  };
  const email = await ask('/crm/v8/users?type=CurrentUser', 'users', 'email');
  return `${email}:${await ask('/crm/v8/org', 'org', 'zgid')}`;
}
