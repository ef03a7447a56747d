import type { Context } from 'hono';
import type { Edge } from './edge.ts';
import { type EndedToken, endToken } from './end-token.ts';
import { requiredText } from './required-text.ts';

/** What `POST /revoke` of {@link administration} answers. */
export interface RevocationAnswer extends EndedToken {
  readonly id: string;
}

/** `POST /revoke`: ends one token, readable or not, its sessions, and the grant at the server. */
export async function revokeToken(c: Context, edge: Edge): Promise<Response> {
  const id = await requiredText(c, 'id');
  return c.json<RevocationAnswer>({ id, ...(await endToken(edge, id)) });
}
