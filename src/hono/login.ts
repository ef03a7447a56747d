import type { Context } from 'hono';
import { authorize } from '../oauth/authorize.ts';
import type { Edge } from './edge.ts';
import { rememberLogin } from './login-cookie.ts';
import { returnPath } from './return-path.ts';
import { sessionIdOf } from './session-cookie.ts';

/** `GET /auth/login?return_to=`: sends the browser to the authorization server. */
export async function login(c: Context, edge: Edge): Promise<Response> {
  const returnTo = returnPath(c.req.query('return_to'), edge.origin);
  const { url, transaction } = await authorize(edge.client, edge.oauth);
  const formerSession = await sessionIdOf(c, edge);
  await rememberLogin(c, edge, { transaction, returnTo, ...(formerSession !== undefined && { formerSession }) });
  return c.redirect(url.href);
}
