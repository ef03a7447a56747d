import type { Keyring } from '../core/keyring.ts';
import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { SealedCollection } from '../store/sealed-collection.ts';

/** A session: who holds its cookie acts for the user of one stored token. Instants are epoch milliseconds. */
export interface Session {
  /** Random. Whoever knows it still needs the sealed cookie that holds it. */
  readonly id: string;
  /** The id of the stored token. */
  readonly tokenId: string;
  readonly startedAt: number;
  /** The last request that was noted: one in each tenth of the idle time-out is. */
  readonly lastSeenAt: number;
  /** When the session ends if nothing more happens: the earlier of the idle and the absolute time-out. */
  readonly expiresAt: number;
}

/** The half of a split key that a session holds: it ends where the session does, whatever ends that. */
export interface KeyHalf {
  /** 32 random bytes in base64url. */
  readonly half: string;
  /** Since when its reads are counted, in epoch milliseconds. */
  readonly since: number;
  /** How often it has been read since then. */
  readonly reads: number;
}

/** A session as it is kept. */
export interface KeptSession extends Session {
  /** The authorization server and the client it was signed in with. */
  readonly issuer: string;
  readonly clientId: string;
  readonly revision: number;
  readonly keyHalf?: KeyHalf | undefined;
}

/** What {@link SessionStore} needs. */
export interface SessionStoreOptions {
  readonly backend: RecordBackend;
  readonly keyring: Keyring;
  readonly tenant: string;
  /** How long a session lasts without a request, in milliseconds. */
  readonly idleMs: number;
  /** How long it lasts at most, in milliseconds. */
  readonly sessionMs: number;
  readonly now: () => number;
}

/** The lookup that a session is found by holds the id of its token (see `collectionIndex`). */
const byToken = 'userName';
/** A write each time would cost more than the request; one in each tenth of the idle time-out does. */
const touchesPerIdleTime = 10;
/** How many sessions of one token are ended at once. Without its token none of the others is worth anything. */
const mostEnded = 100;

/**
 * Sessions as sealed records, which end by the earlier of two time-outs, and can be found and ended by their token.
 *
 * On KV a session that was ended can be seen for another minute or more in other places, and the sessions of a token are
 * found there as late.
 */
export class SessionStore {
  readonly #records: SealedCollection;
  readonly #options: SessionStoreOptions;

  constructor(options: SessionStoreOptions) {
    this.#records = new SealedCollection(options.tenant, 'sessions', options.keyring);
    this.#options = options;
  }

  /** Starts a session, always a new one. */
  async start(session: Pick<KeptSession, 'tokenId' | 'issuer' | 'clientId'>): Promise<Session> {
    const now = this.#options.now();
    const started = { ...session, id: crypto.randomUUID(), revision: 1, startedAt: now, lastSeenAt: now };
    return (await this.#write(started)) as Session; // its id is random: nobody else can have written it
  }

  /**
   * The session with this id, in one read. `undefined` when there is none, when its time is over, or when its record does
   * not open: a session is quickly begun anew.
   *
   * @throws `E_STORAGE` when the database fails.
   */
  async read(id: string): Promise<KeptSession | undefined> {
    const record = await this.#options.backend.get(this.#records.partition, id);
    const session = record && (await this.#open(record, id));
    return session !== undefined && this.#isLive(session) ? session : undefined;
  }

  /** Notes that the session is being used, when that has not been noted for a while. Who is overtaken by another does nothing. */
  async touch(session: KeptSession): Promise<void> {
    const { idleMs, now } = this.#options;
    const lastSeenAt = now();
    if (lastSeenAt - session.lastSeenAt < idleMs / touchesPerIdleTime) return;
    await this.#write({ ...session, revision: session.revision + 1, lastSeenAt }, session.revision);
  }

  /**
   * Gives the session another half of a key, or none, and notes that it is being used: when nobody has written it meanwhile.
   *
   * @returns whether it was written. One that has ended is not.
   */
  async replaceKeyHalf(session: KeptSession, keyHalf: KeyHalf | undefined): Promise<boolean> {
    const lastSeenAt = Math.max(session.lastSeenAt, this.#options.now());
    const next = { ...session, revision: session.revision + 1, lastSeenAt, keyHalf };
    return (await this.#write(next, session.revision)) !== undefined;
  }

  /** The live sessions of a token. */
  async ofToken(tokenId: string): Promise<readonly KeptSession[]> {
    const found = await this.#find(tokenId);
    return found.flatMap(({ session }) => (session !== undefined && this.#isLive(session) ? [session] : []));
  }

  /** Ends a session, if there is one. */
  async end(id: string): Promise<void> {
    await this.#options.backend.delete(this.#records.partition, id);
  }

  /**
   * Ends the sessions of a token, those that do not open included.
   *
   * @returns how many live ones have ended.
   */
  async endOfToken(tokenId: string): Promise<number> {
    const found = (await this.#find(tokenId)).slice(0, mostEnded);
    await Promise.all(found.map(({ id }) => this.end(id)));
    return found.filter(({ session }) => session !== undefined && this.#isLive(session)).length;
  }

  /** What is found by a token's id: its sessions, and records that do not open. Another token's is left out. */
  async #find(tokenId: string): Promise<readonly { readonly id: string; readonly session: KeptSession | undefined }[]> {
    const { backend } = this.#options;
    const values = await this.#records.lookup(byToken, tokenId);
    const records = await backend.find(this.#records.partition, byToken, values);
    const found = await Promise.all(
      records.map(async (record) => ({ id: record.id, session: await this.#open(record, record.id) })),
    );
    return found.filter(({ session }) => session === undefined || session.tokenId === tokenId);
  }

  async #open(record: KeptRecord, id: string): Promise<KeptSession | undefined> {
    const content = await this.#records.open(record, id).catch(() => undefined);
    if (content === undefined) return undefined;
    const session = content as unknown as Omit<KeptSession, 'id' | 'revision' | 'expiresAt'>;
    // time-outs that were made shorter hold for sessions that began before
    const expiresAt = Math.min(record.expiresAt, this.#endOf(session));
    return { ...session, id, revision: record.revision, expiresAt };
  }

  #isLive({ expiresAt }: Session): boolean {
    return expiresAt > this.#options.now();
  }

  /** `undefined` when another has written it, or ended it, since this revision. */
  async #write(session: Omit<KeptSession, 'expiresAt'>, revision?: number): Promise<Session | undefined> {
    const { id, tokenId, issuer, clientId, startedAt, lastSeenAt, keyHalf } = session;
    const expiresAt = this.#endOf(session);
    const record = await this.#records.seal({
      id,
      revision: session.revision,
      expiresAt,
      payload: { tokenId, issuer, clientId, startedAt, lastSeenAt, ...(keyHalf && { keyHalf: { ...keyHalf } }) },
    });
    const outcome = await this.#options.backend.put(record, revision === undefined ? {} : { revision });
    return outcome === 'stored' ? { id, tokenId, startedAt, lastSeenAt, expiresAt } : undefined;
  }

  #endOf({ startedAt, lastSeenAt }: Pick<Session, 'startedAt' | 'lastSeenAt'>): number {
    const { sessionMs, idleMs } = this.#options;
    return Math.min(startedAt + sessionMs, lastSeenAt + idleMs);
  }
}
