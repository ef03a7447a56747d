import type { OAuthToken, SavedToken, TokenChange, TokenQuery } from '../core/oauth-token.ts';
import type { KeptRecord, LookupField, RecordBackend } from '../core/record-backend.ts';
import type { SaveOptions } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { type OpenedToken, openToken } from './opened-token.ts';
import { refreshTokenDigest } from './refresh-token-digest.ts';
import { resealInPassing } from './reseal-in-passing.ts';
import { checkFound, type SealedCollection } from './sealed-collection.ts';
import { type Settlement, settleTwins } from './settle-twins.ts';
import { type TokenDraft, tokenDraft } from './token-draft.ts';
import { agrees, covers, identityOf, type TokenKey, tokenKeys } from './token-key.ts';

/** Told of a record that does not open, or does not hold what was looked for. Without it, its error is thrown. */
export type OnCorrupt = (error: TokenkeepError, id: string) => void;

/** Tokens as sealed records: finds, opens and drafts them. Holds the rules of matching and of what a record keeps. */
export class TokenRecords {
  readonly #backend: RecordBackend;
  readonly #sealed: SealedCollection;

  constructor(backend: RecordBackend, sealed: SealedCollection) {
    this.#backend = backend;
    this.#sealed = sealed;
  }

  /** The token the query means, by the rules of {@link TokenStore.findToken}; sealed anew where it needs new keys. */
  async match(query: TokenQuery): Promise<OpenedToken | undefined> {
    const [key] = decisive(query);
    const found = await this.#matchKey(query, key);
    if (found === undefined || !covers(found.token, query.scope)) return undefined;
    const revision = await resealInPassing(this.#backend, this.#sealed, found.record);
    if (revision !== undefined) return { ...found, token: { ...found.token, revision } };
    const latest = await this.#matchKey(query, key);
    return latest && covers(latest.token, query.scope) ? latest : undefined;
  }

  /** All tokens of a user, within the issuer, client and resource that are given. */
  async matchAll(query: TokenQuery, onCorrupt?: OnCorrupt): Promise<readonly OpenedToken[]> {
    const [key] = decisive(query);
    if (key.field === 'id') return [await this.match(query)].filter((one) => one !== undefined);
    const opened = await this.#openAll(key.field, key.value, onCorrupt);
    return opened.filter(({ token }) => agrees(token, query, key) && covers(token, query.scope));
  }

  /**
   * The token a save updates: the one {@link TokenRecords.match} finds; for a token without id and user also the one that
   * has another of its tokens, since a renewed access token is not stored yet.
   */
  async matchChange(change: TokenChange): Promise<OpenedToken | undefined> {
    const keys = decisive(change);
    const [first] = keys;
    if (first.field === 'id' || first.field === 'userName') return this.#matchKey(change, first);
    const found = await Promise.all(keys.map((key) => this.#matchKey(change, key)));
    const [match, ...others] = found.filter((one) => one !== undefined);
    if (others.some(({ token }) => token.id !== match?.token.id)) {
      throw new TokenkeepError(
        'E_AMBIGUOUS',
        'these tokens belong to different records; add the userName, or save by id',
      );
    }
    return match;
  }

  async #matchKey(query: TokenChange, key: TokenKey): Promise<OpenedToken | undefined> {
    const { field, value } = key;
    if (field === 'id') {
      const record = await this.#backend.get(this.#sealed.partition, value);
      return record && this.open(record, value);
    }
    // user, issuer and client together are the identity, which leads to one record and past those of other clients
    const exact = field === 'userName' && Boolean(query.issuer) && Boolean(query.clientId);
    const sought = exact ? identityOf(query as OAuthToken, '') : value;
    const opened = await this.#openAll(exact ? 'identity' : field, sought);
    const [match, ...others] = opened.filter(({ token }) => agrees(token, query, key)).sort(byContent);
    const other = others.find(({ token }) => match !== undefined && identity(token) !== identity(match.token));
    if (match !== undefined && other !== undefined) {
      const names = ['issuer', 'clientId', 'resource'] as const;
      const missing = names.find((name) => match.token[name] !== other.token[name]) ?? 'issuer';
      throw new TokenkeepError('E_AMBIGUOUS', `more than one token matches; add the ${missing}, or ask by id`);
    }
    return match && others.length > 0 ? { ...match, twins: others } : match;
  }

  async #openAll(
    field: LookupField | 'identity',
    sought: string,
    onCorrupt?: OnCorrupt,
  ): Promise<readonly OpenedToken[]> {
    return this.openEach(await this.#find(field, sought), onCorrupt, ({ token }) =>
      checkFound(field === 'identity' ? identityOf(token, '') : token[field], sought),
    );
  }

  /** Opens the records, all but those that {@link OnCorrupt} is told of. */
  async openEach(
    records: readonly KeptRecord[],
    onCorrupt?: OnCorrupt,
    check: (opened: OpenedToken) => void = () => undefined,
  ): Promise<readonly OpenedToken[]> {
    const opened = await Promise.all(
      records.map(async (record) => {
        try {
          const one = await this.open(record);
          check(one);
          return one;
        } catch (error) {
          // a locked keyring says nothing about the record
          if (onCorrupt === undefined || !(error instanceof TokenkeepError) || error.code === 'E_LOCKED') throw error;
          onCorrupt(error, record.id);
          return undefined;
        }
      }),
    );
    return opened.filter((one) => one !== undefined);
  }

  open(record: KeptRecord, id?: string): Promise<OpenedToken> {
    return openToken(this.#sealed, record, id);
  }

  /** Whether the change carries a refresh token that the stored one has replaced: its writer is late. */
  async isReplaced(change: TokenChange, current: OpenedToken | undefined): Promise<boolean> {
    const { refreshToken } = change;
    if (!refreshToken || !current?.replaced.length || refreshToken === current.token.refreshToken) return false;
    return current.replaced.includes(await refreshTokenDigest(refreshToken));
  }

  /**
   * Deletes the record that stands where a save of this token has to go, if it does not open (`E_AUTH`, `E_FORMAT`): nothing
   * in it can be had any more. A record that opens, or whose key may come back, is never touched.
   *
   * @returns whether there was one.
   */
  async deleteDamaged(change: TokenChange): Promise<boolean> {
    let deleted = false;
    for (const record of await this.#find('identity', identityOf(change as OAuthToken, ''))) {
      const error: unknown = await this.open(record).then(undefined, (refusal: unknown) => refusal);
      if (!(error instanceof TokenkeepError) || (error.code !== 'E_AUTH' && error.code !== 'E_FORMAT')) continue;
      await this.#backend.delete(this.#sealed.partition, record.id);
      deleted = true;
    }
    return deleted;
  }

  async #find(field: LookupField | 'identity', value: string): Promise<readonly KeptRecord[]> {
    return this.#backend.find(this.#sealed.partition, field, await this.#sealed.lookup(field, value));
  }

  /**
   * Whether a draft with another identity than what is stored now meets a record that has it already: a write of it must not
   * succeed.
   */
  async isTaken({ token, current }: TokenDraft): Promise<boolean> {
    if (current !== undefined && identity(current.token) === identity(token)) return false;
    return (await this.#find('identity', identity(token))).some((holder) => holder.id !== token.id);
  }

  /** Whether two records of one identity may be there, made with different index keys. */
  isReindexing(): Promise<boolean> {
    return this.#sealed.isReindexing();
  }

  /** Looks for others of the same identity when a draft has been written. */
  async settle({
    record,
    token,
    current,
  }: TokenDraft): Promise<Settlement & { readonly lost: readonly OpenedToken[] }> {
    const twins = current && (current.twins ?? []).map((twin) => twin.record);
    const settlement = await settleTwins(this.#backend, this.#sealed, record, identity(token), twins);
    return { ...settlement, lost: await this.openEach(settlement.changed) };
  }

  /** See {@link tokenDraft}. */
  draft(
    change: TokenChange,
    current: OpenedToken | undefined,
    options: SaveOptions,
    indexKeyId?: string,
  ): Promise<TokenDraft> {
    return tokenDraft(this.#sealed, change, current, options, indexKeyId);
  }
}

const identity = (token: SavedToken): string => identityOf(token, token.id);

/** Of twins, the one with more to lose comes first, and for everybody the same one. */
function byContent({ token: left }: OpenedToken, { token: right }: OpenedToken): number {
  const renewable = Number(right.refreshToken !== undefined) - Number(left.refreshToken !== undefined);
  return renewable || right.revision - left.revision || (left.id < right.id ? -1 : 1);
}

function decisive(query: TokenChange): readonly [TokenKey, ...TokenKey[]] {
  // a query that is none, as from a caller outside TypeScript, has nothing to find a token by either
  const [first, ...others] = tokenKeys(Object(query));
  if (first !== undefined) return [first, ...others];
  throw new TokenkeepError(
    'E_QUERY',
    'there is nothing to find a token by; add an id, a userName or one of its tokens',
  );
}
