import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { exchange } from '../oauth/exchange.ts';
import type { Edge } from './edge.ts';
import { takeLogin } from './login-cookie.ts';
import { startSession } from './session-cookie.ts';

/** `GET /auth/callback`: completes the sign-in, keeps the token and starts a session. */
export async function callback(c: Context, edge: Edge): Promise<Response> {
  const login = await takeLogin(c, edge, c.req.query('state'));
  if (login === undefined) {
    throw new TokenkeepError(
      'E_CALLBACK',
      'this sign-in is not under way in this browser: it took longer than ten minutes, was completed before, or began elsewhere; sign in again',
    );
  }
  const token = await exchange(edge.client, login.transaction, new URL(c.req.url), edge.oauth);
  const { keepFresh } = edge.options;
  const change = keepFresh === undefined ? token : { ...token, keepFresh };
  const { id } = await edge.store.saveToken(change, { replaceDamaged: true });
  await startSession(c, edge, id, login.formerSession);
  return c.redirect(login.returnTo);
}
