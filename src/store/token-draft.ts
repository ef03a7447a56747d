import type { Json, SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { StoredRecord } from '../core/record-backend.ts';
import { softExpiry } from '../core/soft-expiry.ts';
import type { SaveOptions } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { mergeToken } from './merge-token.ts';
import type { OpenedToken } from './opened-token.ts';
import { refreshTokenDigest } from './refresh-token-digest.ts';
import type { SealedCollection } from './sealed-collection.ts';

/** What a save writes. */
export interface TokenDraft {
  readonly record: StoredRecord;
  readonly token: SavedToken;
  /** Whether it has another refresh token than what is stored. */
  readonly renewed: boolean;
  /** What it was made of; absent for a new one. */
  readonly current: OpenedToken | undefined;
}

/** How many replaced refresh tokens a record remembers. */
const remembered = 8;

/**
 * The record and the token that a save makes of the change and of what is stored, twins included.
 *
 * @param indexKeyId the key to make the lookups with. Default the one that new ones are made with.
 * @throws `E_INPUT` when nothing is stored and the change has no token.
 */
export async function tokenDraft(
  sealed: SealedCollection,
  change: TokenChange,
  current: OpenedToken | undefined,
  { keepGrant = false }: Pick<SaveOptions, 'keepGrant'>,
  indexKeyId?: string,
): Promise<TokenDraft> {
  const { twins = [] } = current ?? {};
  const stored = twins.reduce((merged, twin) => mergeToken(twin.token, merged, true), current?.token ?? {});
  const fields = mergeToken(stored, change, keepGrant);
  const { accessToken, refreshToken, grantToken } = fields;
  if (current === undefined && !accessToken && !refreshToken && !grantToken) {
    throw new TokenkeepError(
      'E_INPUT',
      'there is no token to save; add an accessToken, a refreshToken or a grantToken',
    );
  }
  const id = current?.token.id ?? change.id ?? crypto.randomUUID();
  const revision = (current?.token.revision ?? 0) + 1;
  const before = current?.token.refreshToken;
  const replaced = [...(current?.replaced ?? [])];
  const renewed = before !== refreshToken;
  if (before !== undefined && renewed) replaced.push(await refreshTokenDigest(before));
  const canRenew = refreshToken !== undefined && fields.reauthRequired === undefined;
  const expiresAt = refreshToken || grantToken ? 0 : (fields.expiresAt ?? 0);
  const dueAt = fields.keepFresh && canRenew ? (softExpiry({ ...fields, id, revision }) ?? 0) : 0;
  const payload: Json = [fields as Json, replaced.slice(-remembered)];
  const record = await sealed.seal({ id, revision, expiresAt, dueAt, payload }, indexKeyId);
  // what the next reader will get: a copy, without anything JSON does not carry
  const extras = fields.extras && { extras: JSON.parse(JSON.stringify(fields.extras)) as typeof fields.extras };
  return { record, token: { ...fields, ...extras, id, revision }, renewed, current };
}
