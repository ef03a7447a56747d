import type { Keyring } from '../core/keyring.ts';
import type { SavedToken, TokenChange, TokenQuery } from '../core/oauth-token.ts';
import type {
  BackendCapabilities,
  ClaimOutcome,
  ClaimRelease,
  ClaimRequest,
  KeptRecord,
  RecordBackend,
  RecordPage,
} from '../core/record-backend.ts';
import type { ClaimableToken, ClaimableTokenStore, SaveOptions } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { checkToken } from './check-token.ts';
import { SealedCollection } from './sealed-collection.ts';
import { TokenRecords } from './token-records.ts';

/** What {@link EncryptedTokenStore} needs. */
export interface EncryptedTokenStoreOptions {
  /** Where the records live. */
  readonly backend: RecordBackend;
  /** Who seals them. A promise is awaited by the first call that needs it. */
  readonly keyring: Keyring | PromiseLike<Keyring>;
  /** Keeps the tokens of several parties in one database apart. Stored in the clear. Default `default`. */
  readonly tenant?: string;
}

/** What {@link EncryptedTokenStore.tokens}, `getTokenPage` and `dueTokens` can be told. */
export interface ListOptions {
  /** How many records are read at once. Default 100. */
  readonly limit?: number;
  /**
   * Called for a record that does not open, which is then left out. Without it the listing rejects with the record's
   * error.
   */
  readonly onCorrupt?: (error: TokenkeepError, id: string) => void;
}

/** One page of tokens, and where the next one begins; no cursor on the last page. */
export interface TokenPage {
  readonly tokens: readonly SavedToken[];
  readonly cursor?: string;
}

/** How many records a listing of all reads at once. */
const pageSize = 500;
/** How often a save without a revision starts over when others write the same token at the same time. */
const maxAttempts = 60;

const overtaken = (): TokenkeepError =>
  new TokenkeepError(
    'E_CONFLICT',
    'the token was saved or deleted by somebody else; read it again and repeat the change',
  );

const elsewhere = (): TokenkeepError =>
  new TokenkeepError('E_CONFLICT', 'this user and client are stored under another id; save without an id');

/**
 * The token store: seals every token before the backend sees it, and finds it without it being readable.
 *
 * Any number of stores, in any number of tabs, isolates and processes, may share one database. A store keeps no state of
 * its own; make one for each request in a Worker.
 */
export class EncryptedTokenStore implements ClaimableTokenStore {
  readonly #backend: RecordBackend;
  readonly #records: TokenRecords;
  readonly #partition: string;

  /**
   * @throws `E_INPUT` when the tenant is empty, malformed or longer than 128 bytes.
   */
  constructor({ backend, keyring, tenant = 'default' }: EncryptedTokenStoreOptions) {
    const sealed = new SealedCollection(tenant, 'tokens', keyring);
    this.#backend = backend;
    this.#partition = sealed.partition;
    this.#records = new TokenRecords(backend, sealed);
  }

  get capabilities(): BackendCapabilities {
    return this.#backend.capabilities;
  }

  async findToken(query: TokenQuery): Promise<SavedToken | undefined> {
    return (await this.#records.match(query))?.token;
  }

  async findClaimable(query: TokenQuery): Promise<ClaimableToken | undefined> {
    const found = await this.#records.match(query);
    return found && { token: found.token, claim: found.record.claim };
  }

  /**
   * All tokens that match, such as those of one user at several issuers or for several resources. The first usable key of the
   * query decides, as in {@link TokenStore.findToken}.
   *
   * @param options.onCorrupt called for a record that does not open (or, with `E_INDEX_MISMATCH`, holds something else than
   * was looked for), which is then left out. Without it the call rejects with the record's error.
   * @throws `E_QUERY` when the query has no usable key.
   */
  async findTokens(
    query: TokenQuery,
    { onCorrupt }: Pick<ListOptions, 'onCorrupt'> = {},
  ): Promise<readonly SavedToken[]> {
    return (await this.#records.matchAll(query, onCorrupt)).map(({ token }) => token);
  }

  /**
   * Tokens with `keepFresh` that should be renewed at `at` (epoch milliseconds) or before, and that nobody is renewing
   * already; those that have waited longest first.
   *
   * @param options.onCorrupt called for a record that does not open. Without it the call rejects with the record's error.
   */
  async dueTokens(at: number, { limit = 100, onCorrupt }: ListOptions = {}): Promise<readonly SavedToken[]> {
    return this.#openEach(await this.#backend.due(this.#partition, at, limit), onCorrupt);
  }

  /**
   * @param options.minRevision the newest revision this caller has seen: an older record, put back by whoever can write the
   * database or served by a stale replica, is refused with `E_CONFLICT`.
   */
  async findTokenById(id: string, options: { readonly minRevision?: number } = {}): Promise<SavedToken | undefined> {
    const token = (await this.#records.match({ id }))?.token;
    if (token !== undefined && token.revision < (options.minRevision ?? 0)) {
      throw new TokenkeepError('E_CONFLICT', 'the stored token is older than the one read before; do not use it');
    }
    return token;
  }

  async saveToken(change: TokenChange, options: SaveOptions = {}): Promise<SavedToken> {
    const { claimOwner, replaceDamaged = false } = options;
    checkToken(change);
    let pending = change;
    let { revision } = change;
    let refused: KeptRecord | undefined;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const current = await this.#records.matchChange(pending).catch(async (error: unknown) => {
        if (!replaceDamaged || !(await this.#records.deleteDamaged(pending))) throw error;
        return undefined;
      });
      if (revision !== undefined && revision !== (current?.token.revision ?? 0)) throw overtaken();
      if (revision === undefined && (await this.#records.isReplaced(pending, current))) throw overtaken();
      // nobody has written to it, so that a twin stands where it would go: then it stays where it is
      const stays =
        current !== undefined && current.record.id === refused?.id && current.token.revision === refused.revision;
      const draft = await this.#records.draft(pending, current, options, stays ? refused?.indexKeyId : undefined);
      const condition = {
        ...(current === undefined ? {} : { revision: current.token.revision }),
        ...(claimOwner === undefined ? {} : { claimOwner }),
        renewed: draft.renewed,
      };
      const reindexing = await this.#records.isReindexing();
      if (change.id !== undefined && reindexing && (await this.#records.isTaken(draft))) throw elsewhere();
      if ((await this.#backend.put(draft.record, condition)) === 'stored') {
        const { stands, lost } = await this.#records.settle(draft);
        if (stands && lost.length === 0) return draft.token;
        if (stands && revision !== undefined) revision = draft.token.revision;
        for (const { token } of lost) pending = Object.assign({}, pending, contentOf(token));
      } else if (revision !== undefined && (stays || !reindexing)) throw overtaken();
      if (change.id !== undefined && (await this.#records.isTaken(draft))) throw elsewhere();
      refused = current?.record;
      await pause(attempt);
    }
    throw new TokenkeepError('E_CONFLICT', 'others keep saving this token at the same time; try again in a moment');
  }

  async deleteToken(id: string): Promise<void> {
    await this.#backend.delete(this.#partition, id);
  }

  /**
   * Deletes the token with this id, and resolves with what was deleted: for somebody who has to revoke that very token, though it
   * may have been renewed until the last moment.
   *
   * @param options.onCorrupt called for a record that did not open; it is deleted all the same. Without it the call rejects
   * with the record's error then.
   * @returns `undefined` when there was none, or none that opened.
   */
  async takeToken(id: string, { onCorrupt }: Pick<ListOptions, 'onCorrupt'> = {}): Promise<SavedToken | undefined> {
    const record = await this.#backend.delete(this.#partition, id);
    return (await this.#openEach(record === undefined ? [] : [record], onCorrupt))[0];
  }

  async getTokens(): Promise<readonly SavedToken[]> {
    const all: (readonly SavedToken[])[] = [];
    const read = (cursor?: string): Promise<RecordPage> => this.#backend.page(this.#partition, pageSize, cursor);
    for (let next: Promise<RecordPage> | undefined = read(); next !== undefined; ) {
      const { records, cursor }: RecordPage = await next;
      next = cursor === undefined ? undefined : read(cursor);
      // it is read while these are opened; when that fails nobody may have come to wait for it
      next?.catch(() => undefined);
      all.push(await this.#openEach(records, undefined));
    }
    return all.flat();
  }

  async deleteTokens(): Promise<void> {
    await this.#backend.clear(this.#partition);
  }

  /** All tokens of this store, read page by page while they are consumed. */
  async *tokens(options: ListOptions = {}): AsyncGenerator<SavedToken, void, undefined> {
    let cursor: string | undefined;
    do {
      const page: TokenPage = await this.getTokenPage({ ...options, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.tokens;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /**
   * One page of tokens, for listings that span several requests.
   *
   * @param options.cursor the cursor of the page before; absent for the first.
   */
  async getTokenPage(options: ListOptions & { readonly cursor?: string } = {}): Promise<TokenPage> {
    const { limit = 100, onCorrupt, cursor } = options;
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new TokenkeepError('E_INPUT', 'limit is not a positive whole number; leave it out for 100');
    }
    const page = await this.#backend.page(this.#partition, limit, cursor);
    const tokens = await this.#openEach(page.records, onCorrupt);
    return page.cursor === undefined ? { tokens } : { tokens, cursor: page.cursor };
  }

  async #openEach(records: readonly KeptRecord[], onCorrupt: ListOptions['onCorrupt']): Promise<readonly SavedToken[]> {
    return (await this.#records.openEach(records, onCorrupt)).map(({ token }) => token);
  }

  async claimToken(token: SavedToken, request: Omit<ClaimRequest, 'revision'>): Promise<ClaimOutcome> {
    return this.#backend.claim(this.#partition, token.id, { ...request, revision: token.revision });
  }

  async releaseToken(id: string, release: ClaimRelease): Promise<void> {
    await this.#backend.release(this.#partition, id, release);
  }
}

/** What a save of the token elsewhere has to say. */
function contentOf({ id: _id, revision: _revision, ...content }: SavedToken): TokenChange {
  return content;
}

/** Lets the others finish: a moment longer with each attempt, and never the same for two writers. */
function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt * 4, 100)));
}
