import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { Keyring, RootKey } from '../core/keyring.ts';
import type { Json } from '../core/oauth-token.ts';
import type { LookupField, StoredRecord } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { blindIndex } from '../crypto/blind-index.ts';
import { encodeText } from '../crypto/encode-text.ts';
import { openRecord } from '../crypto/open-record.ts';
import type { SealContext } from '../crypto/seal-context.ts';
import { type SealedRecord, sealRecord } from '../crypto/seal-record.ts';
import { collectionIndex } from './collection-index.ts';
import { isOutdated } from './is-outdated.ts';
import { partitionOf } from './partition.ts';

/** A payload that is to become a record. What it is found by follows from it. */
export interface Draft {
  readonly id: string;
  readonly revision: number;
  /** Epoch milliseconds; 0 is never. */
  readonly expiresAt: number;
  /** From when on scheduled work should look at it, in epoch milliseconds. Default never. */
  readonly dueAt?: number;
  readonly payload: Json;
}

/** The parts of a record that its seal is bound to, and the seal. */
type SealedPart = Pick<StoredRecord, 'id' | 'revision' | 'expiresAt' | 'sealed'>;

/** Version of the JSON that is sealed. */
const schema = 1;

/**
 * The records of one tenant and collection: turns JSON into sealed records and back. All Web Crypto calls are made here,
 * so that none is made while a backend has a transaction open.
 *
 * Whatever the keyring is asked for rejects with `E_LOCKED` when it is locked, even if that happens before the work is done.
 */
export class SealedCollection {
  readonly partition: string;
  readonly #tenant: string;
  readonly #collection: string;
  readonly #keyring: PromiseLike<Keyring> | Keyring;

  /**
   * @throws `E_INPUT` when the tenant is empty, malformed or longer than 128 bytes; `E_KEYRING` for a setting in place of
   * a keyring.
   */
  constructor(tenant: string, collection: string, keyring: PromiseLike<Keyring> | Keyring) {
    if (encodeText(tenant, 128, 'the tenant').length === 0) {
      throw new TokenkeepError('E_INPUT', 'the tenant is empty; name one, or leave it out');
    }
    encodeText(collection, 64, 'the collection');
    // the engine's own message about a text would quote it, root key and all
    if (typeof keyring !== 'object' || keyring === null) {
      throw new TokenkeepError('E_KEYRING', 'the keyring is none; make one of the setting with importKeyring()');
    }
    this.#tenant = tenant;
    this.#collection = collection;
    this.partition = partitionOf({ tenant, collection });
    this.#keyring = keyring;
    // a keyring that fails is reported by the call that needs it, not as an unhandled rejection before that
    if ('then' in keyring) keyring.then(undefined, () => undefined);
  }

  /** @param indexKeyId the key to make the lookups with, where the keyring still has it. Default the one that new ones are made with. */
  async seal(draft: Draft, indexKeyId?: string): Promise<StoredRecord> {
    const { id, revision, expiresAt, dueAt = 0, payload } = draft;
    const keyring = await this.#keyring;
    const index = keyring.indexRoots().find(({ keyId }) => keyId === indexKeyId) ?? keyring.indexRoots()[0];
    const [{ keyId, sealed }, found] = await Promise.all([
      this.sealPayload(draft),
      this.blindIndexes(index, id, payload),
    ]);
    keyring.sealingRoot(); // throws when it was locked meanwhile
    return { partition: this.partition, id, revision, ...found, keyId, expiresAt, dueAt, sealed };
  }

  /** The seal alone, for what is found by its id and by nothing else. */
  async sealPayload({ id, revision, expiresAt, payload }: Omit<Draft, 'dueAt'>): Promise<SealedRecord> {
    const keyring = await this.#keyring;
    const body = new TextEncoder().encode(JSON.stringify([id, payload]));
    try {
      return await sealRecord(keyring, this.#context({ id, revision, expiresAt }), body);
    } finally {
      body.fill(0);
    }
  }

  /**
   * @param id the id that was asked for: a record that another one's bytes were copied to does not open.
   * @throws `E_AUTH` and its kin when the record is not what was sealed for this id.
   */
  async open(record: SealedPart, id: string = record.id): Promise<Json> {
    const body = await openRecord(await this.#keyring, this.#context({ ...record, id }), record.sealed);
    try {
      return payloadOf(body, id);
    } finally {
      body.fill(0);
    }
  }

  /**
   * The record with the same content under the keys that new records get, as its next revision. What it is found by is made
   * anew only when the key for that is another one; else it stays as it is, and what is sealed is never read.
   *
   * @param repair whether what it is found by is made anew in any case, whatever the record says.
   * @throws `E_AUTH` and its kin when the record does not open; `E_KEY_UNKNOWN` when its lookups were made with a key that the
   * keyring does not have: somebody who has it may be using it, so that it takes a repair.
   */
  async reseal(record: StoredRecord, repair = false): Promise<StoredRecord> {
    const keyring = await this.#keyring;
    const { id, expiresAt, dueAt, indexKeyId } = record;
    if (!repair && !keyring.info().some(({ keyId }) => keyId === indexKeyId)) {
      throw new TokenkeepError(
        'E_KEY_UNKNOWN',
        'the key of its lookups is not in the keyring; add it, or scrub with repair',
      );
    }
    const body = await openRecord(keyring, this.#context(record), record.sealed);
    try {
      const revision = record.revision + 1;
      const [index] = keyring.indexRoots();
      const payload = repair || indexKeyId !== index.keyId ? payloadOf(body, id) : undefined;
      const [{ keyId, sealed }, found] = await Promise.all([
        sealRecord(keyring, this.#context({ id, revision, expiresAt }), body),
        payload === undefined
          ? { identity: record.identity, lookups: record.lookups, indexKeyId }
          : this.blindIndexes(index, id, payload),
      ]);
      keyring.sealingRoot(); // throws when it was locked meanwhile
      return { partition: this.partition, id, revision, ...found, keyId, expiresAt, dueAt, sealed };
    } finally {
      body.fill(0);
    }
  }

  /** Whether a record needs new keys; see {@link isOutdated}. */
  async isOutdated(record: StoredRecord): Promise<boolean> {
    return isOutdated(record, await this.#keyring);
  }

  /** Whether lookups may have been made with more than one key, so that the same value is there under several. */
  async isReindexing(): Promise<boolean> {
    return (await this.#keyring).indexRoots().length > 1;
  }

  /** What a record with this payload is found by, under one key. */
  async blindIndexes(
    root: RootKey,
    id: string,
    payload: Json,
  ): Promise<Pick<StoredRecord, 'identity' | 'lookups' | 'indexKeyId'>> {
    const { identity, lookups } = collectionIndex(this.#collection, id, payload);
    const given = Object.entries(lookups).filter((entry): entry is [LookupField, string] => entry[1] !== undefined);
    const [identityValue, ...values] = await Promise.all([
      this.#blindIndex(root, 'identity', identity),
      ...given.map(([field, value]) => this.#blindIndex(root, field, value)),
    ]);
    return {
      identity: identityValue,
      lookups: Object.fromEntries(given.map(([field], i) => [field, values[i] as Bytes])),
      indexKeyId: root.keyId,
    };
  }

  /** The lookups under every key that may have made one, the present one first. */
  async lookup(field: LookupField | 'identity', value: string): Promise<readonly Bytes[]> {
    const keyring = await this.#keyring;
    const lookups = await Promise.all(keyring.indexRoots().map((root) => this.#blindIndex(root, field, value)));
    keyring.indexRoots(); // throws when it was locked meanwhile
    return lookups;
  }

  #blindIndex(root: RootKey, field: LookupField | 'identity', value: string): Promise<Bytes> {
    const label = this.#collection === 'tokens' ? field : `${this.#collection}/${field}`;
    // an identity is several values in one text, which may be longer than any value that is looked up
    return blindIndex(root, this.#tenant, label, value, field === 'identity' ? 1_048_576 : undefined);
  }

  #context({ id, revision, expiresAt }: Pick<StoredRecord, 'id' | 'revision' | 'expiresAt'>): SealContext {
    return { schema, tenant: this.#tenant, collection: this.#collection, id, revision, expiresAt };
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What was sealed under this id. */
function payloadOf(body: Bytes, id: string): Json {
  try {
    const content = JSON.parse(decoder.decode(body)) as unknown;
    if (Array.isArray(content) && content.length === 2 && content[0] === id) return content[1] as Json;
  } catch {
    // reported below, without the parser's message: it would quote the token
  }
  throw new TokenkeepError('E_FORMAT', 'the record opened, but not to a payload of this version; update tokenkeep');
}

/**
 * The check without which the blind index would be a hole: somebody who can write the database copies the lookup of his own
 * token onto the victim's row, and his own token finds the victim's. Compares in constant time.
 *
 * @throws `E_INDEX_MISMATCH` when the opened record does not hold what was looked for.
 */
export function checkFound(held: string | undefined, sought: string): void {
  const encoder = new TextEncoder();
  if (held === undefined || !equalBytes(encoder.encode(held), encoder.encode(sought))) {
    throw new TokenkeepError(
      'E_INDEX_MISMATCH',
      'a lookup led to a record that holds something else; the index was altered, restore it from a backup',
    );
  }
}
