import type { Json, OAuthToken } from '../core/oauth-token.ts';
import type { LookupField } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { identityOf } from './token-key.ts';

/** What a record is found by, in the clear. */
export interface CollectionIndex {
  /** What must be unique in the collection. */
  readonly identity: string;
  readonly lookups: { readonly [F in LookupField]?: string | undefined };
}

type IndexOf = (id: string, payload: Json) => { readonly [F in keyof CollectionIndex]: unknown };

const collections: ReadonlyMap<string, IndexOf> = new Map<string, IndexOf>([
  [
    'tokens',
    (id, payload) => {
      const fields: OAuthToken = Object(Object(payload)[0]);
      const { userName, accessToken, refreshToken, grantToken } = fields;
      return { identity: identityOf(fields, id), lookups: { userName, accessToken, refreshToken, grantToken } };
    },
  ],
  ['sessions', (id, payload) => ({ identity: id, lookups: { userName: Object(payload).tokenId } })],
]);

/** Every other collection holds one-time values, under a key of the application. */
const ofOneTimeValue: IndexOf = (_, payload) => ({ identity: Object(payload)[0], lookups: {} });

/**
 * What a record is found by, which follows from what it holds: so that it can be made anew under another key, and compared
 * with what the database says.
 *
 * @throws `E_FORMAT` when the payload is not laid out as those of its collection are.
 */
export function collectionIndex(collection: string, id: string, payload: Json): CollectionIndex {
  const { identity, lookups } = (collections.get(collection) ?? ofOneTimeValue)(id, payload);
  const texts = [identity, ...Object.values(Object(lookups) as object).filter((value) => value !== undefined)];
  if (texts.every((value) => typeof value === 'string')) return { identity, lookups } as CollectionIndex;
  throw new TokenkeepError('E_FORMAT', 'the record opened, but not to a payload of this version; update tokenkeep');
}
