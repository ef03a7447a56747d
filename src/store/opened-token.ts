import type { OAuthToken, SavedToken } from '../core/oauth-token.ts';
import type { KeptRecord } from '../core/record-backend.ts';
import type { SealedCollection } from './sealed-collection.ts';

/** A token as it was opened. */
export interface OpenedToken {
  readonly token: SavedToken;
  /** Digests of refresh tokens that this one replaced, the newest last. */
  readonly replaced: readonly string[];
  /** As it was read. */
  readonly record: KeptRecord;
  /** Others of the very same identity, where a writer died before it had settled them (see `settleTwins`). */
  readonly twins?: readonly OpenedToken[];
}

/**
 * Opens the record of a token.
 *
 * @param id the id that was asked for. Default: the record's own.
 * @throws `E_AUTH` and its kin when the record is not what was sealed for this id.
 */
export async function openToken(
  sealed: SealedCollection,
  record: KeptRecord,
  id: string = record.id,
): Promise<OpenedToken> {
  const [fields, replaced] = (await sealed.open(record, id)) as unknown as [OAuthToken, string[]];
  return { token: { ...fields, id, revision: record.revision }, replaced, record };
}
