import type { Keyring } from '../core/keyring.ts';
import type { Json } from '../core/oauth-token.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { checkFound, SealedCollection } from './sealed-collection.ts';
import { settleTwins } from './settle-twins.ts';

/** What {@link OneTimeStore} needs. */
export interface OneTimeStoreOptions {
  readonly backend: RecordBackend;
  readonly keyring: Keyring | PromiseLike<Keyring>;
  /** Default `default`. */
  readonly tenant?: string;
  /** Keeps the entries of different uses apart; up to 40 bytes. */
  readonly collection: string;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** How many expired records each `add` clears away, so that abandoned sign-ins do not pile up. */
const swept = 16;

/**
 * Keeps values that may be used once and only for a short while, such as the state of a sign-in under way; sealed like
 * tokens are.
 */
export class OneTimeStore {
  readonly #backend: RecordBackend;
  readonly #records: SealedCollection;
  readonly #now: () => number;

  /**
   * @throws `E_INPUT` when the tenant or the collection cannot be one.
   */
  constructor({ backend, keyring, tenant = 'default', collection, now = Date.now }: OneTimeStoreOptions) {
    if (collection === 'tokens') {
      throw new TokenkeepError('E_INPUT', 'the collection tokens is the token store’s; choose another name');
    }
    this.#backend = backend;
    this.#records = new SealedCollection(tenant, collection, keyring);
    this.#now = now;
  }

  /**
   * Adds a value that ends at `expiresAt` (epoch milliseconds). Also clears away a few records, of any kind, that have
   * expired.
   *
   * @returns whether it was added: `false` when the key is there already, expired or not. Of several callers at once
   * exactly one gets `true`, where the backend has compare-and-set; at most one while there are two index keys.
   */
  async add(key: string, value: Json, expiresAt: number): Promise<boolean> {
    // a backend that names a minimum life drops expired records by itself
    if (this.#backend.capabilities.minimumTtlMs === undefined) await this.#backend.deleteExpired(this.#now(), swept);
    const { partition } = this.#records;
    const known = await this.#backend.find(partition, 'identity', await this.#records.lookup('identity', key));
    if (known.length > 0) return false;
    const draft = { id: crypto.randomUUID(), revision: 1, expiresAt, payload: [key, value] };
    const record = await this.#records.seal(draft);
    if ((await this.#backend.put(record, {})) === 'conflict') return false;
    return (await settleTwins(this.#backend, this.#records, record, key, undefined)).stands;
  }

  /**
   * Takes a value out.
   *
   * @returns the value, to one caller only; `undefined` when there is none, when it has expired, or when another caller
   * got it.
   * @throws `E_UNSUPPORTED` when the backend has no compare-and-set.
   */
  async take(key: string): Promise<Json | undefined> {
    const { partition } = this.#records;
    if (!this.#backend.capabilities.compareAndSet) {
      throw new TokenkeepError('E_UNSUPPORTED', 'values that are used once need compare-and-set; use D1 or IndexedDB');
    }
    const [record] = await this.#backend.find(partition, 'identity', await this.#records.lookup('identity', key));
    if (record === undefined) return undefined;
    const [held, value] = (await this.#records.open(record)) as readonly [string, Json];
    checkFound(held, key);
    const request = { revision: record.revision, owner: crypto.randomUUID(), ttlMs: 60_000 };
    const outcome = await this.#backend.claim(partition, record.id, request);
    // whoever claimed it before may have used it, even if he did not live to delete it
    if (!outcome.granted || outcome.doubts > 0) return undefined;
    await this.#backend.delete(partition, record.id);
    return record.expiresAt > this.#now() ? value : undefined;
  }
}
