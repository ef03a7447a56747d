import type { Context } from 'hono';
import type { SavedToken } from '../core/oauth-token.ts';
import type { Edge } from './edge.ts';
import { requiredText } from './required-text.ts';
import { type DamagedToken, userTokens } from './user-tokens.ts';

/** A stored token without any secret. Instants are epoch milliseconds; fields that nobody knows are missing. */
export interface ListedToken
  extends Pick<
    SavedToken,
    'id' | 'revision' | 'issuer' | 'clientId' | 'scope' | 'resource' | 'obtainedAt' | 'expiresAt' | 'reauthRequired'
  > {
  readonly keepFresh: boolean;
  /** Whether there is a refresh token that works as far as anybody knows. */
  readonly renewable: boolean;
  /** How many live sessions use it. */
  readonly sessions: number;
}

/** What `POST /tokens` of {@link administration} answers. */
export interface TokenListAnswer {
  readonly tokens: readonly ListedToken[];
  /** Records that cannot be read. They can be ended by their id all the same. */
  readonly damaged: readonly DamagedToken[];
}

/** `POST /tokens`: what is stored for a user. */
export async function listTokens(c: Context, edge: Edge): Promise<Response> {
  const { tokens, damaged } = await userTokens(edge, await requiredText(c, 'user'));
  const listed = await Promise.all(
    tokens.map(async (token): Promise<ListedToken> => {
      const { id, revision, issuer, clientId, scope, resource, obtainedAt, expiresAt, reauthRequired } = token;
      const known = { issuer, clientId, scope, resource, obtainedAt, expiresAt, reauthRequired };
      return {
        id,
        revision,
        ...withoutAbsent(known),
        keepFresh: token.keepFresh ?? false,
        renewable: token.refreshToken !== undefined && reauthRequired === undefined,
        sessions: (await edge.sessions.ofToken(id)).length,
      };
    }),
  );
  return c.json<TokenListAnswer>({ tokens: listed, damaged });
}

function withoutAbsent(
  fields: { readonly [K in keyof ListedToken]?: ListedToken[K] | undefined },
): Partial<ListedToken> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
