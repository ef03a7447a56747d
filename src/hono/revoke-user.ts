import type { Context } from 'hono';
import { type ErrorCode, TokenkeepError } from '../core/tokenkeep-error.ts';
import type { Edge } from './edge.ts';
import { endToken } from './end-token.ts';
import { requiredText } from './required-text.ts';
import type { RevocationAnswer } from './revoke-token.ts';
import { userTokens } from './user-tokens.ts';

/** What `POST /revoke-user` of {@link administration} answers. */
export interface UserRevocationAnswer {
  /** What has ended with this call, damaged records included. */
  readonly ended: readonly RevocationAnswer[];
  /** What has not, and why: the database failed, or the record (`E_INDEX_MISMATCH`) is somebody else's. */
  readonly failed: readonly { readonly id: string; readonly code: ErrorCode | 'E_UNEXPECTED' }[];
  /** Whether there are more: call again. */
  readonly more: boolean;
}

/** How many tokens one call ends: each is a handful of statements and a call of the server, and a Worker has not many. */
const most = 20;

/** `POST /revoke-user`: ends the tokens of a user, of all servers and clients of the tenant. */
export async function revokeUser(c: Context, edge: Edge): Promise<Response> {
  const { tokens, damaged } = await userTokens(edge, await requiredText(c, 'user'));
  const strangers = damaged.filter(({ code }) => code === 'E_INDEX_MISMATCH');
  const own = damaged.filter(({ code }) => code !== 'E_INDEX_MISMATCH');
  const ids = [...tokens, ...own].map(({ id }) => id);
  const ended: RevocationAnswer[] = [];
  const failed: { id: string; code: ErrorCode | 'E_UNEXPECTED' }[] = [...strangers];
  await Promise.all(
    ids.slice(0, most).map(async (id) => {
      try {
        ended.push({ id, ...(await endToken(edge, id)) });
      } catch (error) {
        failed.push({ id, code: error instanceof TokenkeepError ? error.code : 'E_UNEXPECTED' });
      }
    }),
  );
  return c.json<UserRevocationAnswer>({ ended, failed, more: ids.length > most });
}
