import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { discover } from './discover.ts';
import type { TokenClient } from './oauth-client.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { transport } from './transport.ts';
import { withoutDoubt } from './without-doubt.ts';

/**
 * Makes sure that the token endpoint answers at all, before a refresh token is sent there that may be sent once more only.
 * Sends neither a token nor a secret. Any answer will do but a broken server's; a page of another origin cannot read it,
 * and takes every answer.
 *
 * @throws `E_NETWORK` with `inDoubt: false` when it does not answer; what {@link discover} throws.
 */
export async function ensureAnswering({ provider, clientId }: TokenClient, options: OAuthOptions): Promise<void> {
  const { token_endpoint } = await discover(provider, options);
  const send = transport(options);
  const answers = async (): Promise<Response> => {
    try {
      // Not with `redirect: 'manual'`, which browsers refuse together with this mode.
      return await send(token_endpoint, { method: 'GET', mode: 'no-cors', credentials: 'omit', cache: 'no-store' });
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.inDoubt === false) throw error;
      // Where Cross-Origin-Resource-Policy hides even that there is an answer, a page gets what it gets when it renews.
      const body = new URLSearchParams({ client_id: clientId });
      return send(token_endpoint, { method: 'POST', credentials: 'omit', redirect: 'manual', body });
    }
  };
  const { status } = await answers().catch((error: unknown) => {
    throw withoutDoubt(error);
  });
  if (status < 500) return;
  throw new TokenkeepError('E_NETWORK', `The token endpoint answers with HTTP ${status}; try again later.`, {
    inDoubt: false,
  });
}
