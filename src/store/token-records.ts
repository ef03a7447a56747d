import { toBase64url } from '../core/base64url.ts';
import type { Json, OAuthToken, SavedToken, TokenChange, TokenQuery } from '../core/oauth-token.ts';
import type { ClaimState, KeptRecord, LookupField, RecordBackend, StoredRecord } from '../core/record-backend.ts';
import { softExpiry } from '../core/soft-expiry.ts';
import type { SaveOptions } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { mergeToken } from './merge-token.ts';
import { checkFound, type SealedCollection } from './sealed-collection.ts';
import { agrees, covers, identityOf, type TokenKey, tokenKeys } from './token-key.ts';

/** A token as it was opened. */
export interface OpenedToken {
  readonly token: SavedToken;
  /** Digests of refresh tokens that this one replaced, the newest last. */
  readonly replaced: readonly string[];
  readonly claim: ClaimState;
}

/** What a save writes. */
export interface TokenDraft {
  readonly record: StoredRecord;
  readonly token: SavedToken;
  /** Whether it has another refresh token than what is stored. */
  readonly renewed: boolean;
}

/** Told of a record that does not open, or does not hold what was looked for. Without it, its error is thrown. */
export type OnCorrupt = (error: TokenkeepError, id: string) => void;

/** How many replaced refresh tokens a record remembers. */
const remembered = 8;

/** Tokens as sealed records: finds, opens and drafts them. Holds the rules of matching and of what a record keeps. */
export class TokenRecords {
  readonly #backend: RecordBackend;
  readonly #sealed: SealedCollection;

  constructor(backend: RecordBackend, sealed: SealedCollection) {
    this.#backend = backend;
    this.#sealed = sealed;
  }

  /** The token the query means, by the rules of {@link TokenStore.findToken}. */
  async match(query: TokenQuery): Promise<OpenedToken | undefined> {
    const found = await this.#matchKey(query, decisive(query)[0]);
    return found && covers(found.token, query.scope) ? found : undefined;
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
    const [match, other] = opened.filter(({ token }) => agrees(token, query, key));
    if (match !== undefined && other !== undefined) {
      const names = ['issuer', 'clientId', 'resource'] as const;
      const missing = names.find((name) => match.token[name] !== other.token[name]) ?? 'issuer';
      throw new TokenkeepError('E_AMBIGUOUS', `more than one token matches; add the ${missing}, or ask by id`);
    }
    return match;
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
          if (onCorrupt === undefined || !(error instanceof TokenkeepError)) throw error;
          onCorrupt(error, record.id);
          return undefined;
        }
      }),
    );
    return opened.filter((one) => one !== undefined);
  }

  async open(record: KeptRecord, id: string = record.id): Promise<OpenedToken> {
    const [fields, replaced] = (await this.#sealed.open(record, id)) as unknown as [OAuthToken, string[]];
    return { token: { ...fields, id, revision: record.revision }, replaced, claim: record.claim };
  }

  /** Whether the change carries a refresh token that the stored one has replaced: its writer is late. */
  async isReplaced(change: TokenChange, current: OpenedToken | undefined): Promise<boolean> {
    const { refreshToken } = change;
    if (!refreshToken || !current?.replaced.length || refreshToken === current.token.refreshToken) return false;
    return current.replaced.includes(await digest(refreshToken));
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

  /** Whether another record than this one has its identity: a write of this one can then never succeed. */
  async isTaken({ partition, identity, id }: StoredRecord): Promise<boolean> {
    return (await this.#backend.find(partition, 'identity', [identity])).some((holder) => holder.id !== id);
  }

  /** The record and the token that a save makes of the change and of what is stored. */
  async draft(
    change: TokenChange,
    current: OpenedToken | undefined,
    { keepGrant = false }: Pick<SaveOptions, 'keepGrant'> = {},
  ): Promise<TokenDraft> {
    const fields = mergeToken(current?.token ?? {}, change, keepGrant);
    const { userName, accessToken, refreshToken, grantToken } = fields;
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
    if (before !== undefined && renewed) replaced.push(await digest(before));
    const canRenew = refreshToken !== undefined && fields.reauthRequired === undefined;
    const record = await this.#sealed.seal({
      id,
      revision,
      expiresAt: refreshToken || grantToken ? 0 : (fields.expiresAt ?? 0),
      dueAt: fields.keepFresh && canRenew ? (softExpiry({ ...fields, id, revision }) ?? 0) : 0,
      identity: identityOf(fields, id),
      lookups: { userName, accessToken, refreshToken, grantToken },
      payload: [fields as Json, replaced.slice(-remembered)],
    });
    // what the next reader will get: a copy, without anything JSON does not carry
    const extras = fields.extras && { extras: JSON.parse(JSON.stringify(fields.extras)) as typeof fields.extras };
    return { record, token: { ...fields, ...extras, id, revision }, renewed };
  }
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

/** Tells two refresh tokens apart without keeping a spent one. Lives inside the seal only. */
async function digest(token: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return toBase64url(new Uint8Array(hash).subarray(0, 16));
}
