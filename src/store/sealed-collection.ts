import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { Keyring, RootKey } from '../core/keyring.ts';
import type { Json } from '../core/oauth-token.ts';
import type { KeptRecord, LookupField, Lookups, StoredRecord } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { blindIndex } from '../crypto/blind-index.ts';
import { encodeText } from '../crypto/encode-text.ts';
import { openRecord } from '../crypto/open-record.ts';
import { sealRecord } from '../crypto/seal-record.ts';

/** A payload that is to become a record. */
export interface Draft {
  readonly id: string;
  readonly revision: number;
  /** Epoch milliseconds; 0 is never. */
  readonly expiresAt: number;
  /** From when on scheduled work should look at it, in epoch milliseconds. Default never. */
  readonly dueAt?: number;
  /** What must be unique in the collection. */
  readonly identity: string;
  /** What the record can be found by. */
  readonly lookups: { readonly [F in LookupField]?: string | undefined };
  readonly payload: Json;
}

/** Version of the JSON that is sealed. */
const schema = 1;

/**
 * The records of one tenant and collection: turns JSON into sealed records and back. All Web Crypto calls are made here,
 * so that none is made while a backend has a transaction open.
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
    this.partition = `${encodeURIComponent(tenant)}/${encodeURIComponent(collection)}`;
    this.#keyring = keyring;
    // a keyring that fails is reported by the call that needs it, not as an unhandled rejection before that
    if ('then' in keyring) keyring.then(undefined, () => undefined);
  }

  async seal({ id, revision, expiresAt, dueAt = 0, identity, lookups, payload }: Draft): Promise<StoredRecord> {
    const keyring = await this.#keyring;
    const [index] = keyring.indexRoots();
    const given = Object.entries(lookups).filter((entry): entry is [LookupField, string] => entry[1] !== undefined);
    const body = new TextEncoder().encode(JSON.stringify([id, payload]));
    try {
      const [{ keyId, sealed }, identityValue, ...values] = await Promise.all([
        sealRecord(keyring, this.#context(id, revision, expiresAt), body),
        this.#index(index, 'identity', identity),
        ...given.map(([field, value]) => this.#index(index, field, value)),
      ]);
      return {
        partition: this.partition,
        id,
        revision,
        identity: identityValue,
        lookups: Object.fromEntries(given.map(([field], i) => [field, values[i]])) as Lookups,
        keyId,
        indexKeyId: index.keyId,
        expiresAt,
        dueAt,
        sealed,
      };
    } finally {
      body.fill(0);
    }
  }

  /**
   * @param id the id that was asked for: a record that another one's bytes were copied to does not open.
   * @throws `E_AUTH` and its kin when the record is not what was sealed for this id.
   */
  async open(
    record: Pick<KeptRecord, 'id' | 'revision' | 'expiresAt' | 'sealed'>,
    id: string = record.id,
  ): Promise<Json> {
    const keyring = await this.#keyring;
    const body = await openRecord(keyring, this.#context(id, record.revision, record.expiresAt), record.sealed);
    try {
      const content = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)) as unknown;
      if (Array.isArray(content) && content.length === 2 && content[0] === id) return content[1] as Json;
    } catch {
      // reported below, without the parser's message: it would quote the token
    } finally {
      body.fill(0);
    }
    throw new TokenkeepError('E_FORMAT', 'the record opened, but not to a payload of this version; update tokenkeep');
  }

  /** The lookups under every key that may have made one, the present one first. */
  async lookup(field: LookupField | 'identity', value: string): Promise<readonly Bytes[]> {
    const roots = (await this.#keyring).indexRoots();
    return Promise.all(roots.map((root) => this.#index(root, field, value)));
  }

  #index(root: RootKey, field: LookupField | 'identity', value: string): Promise<Bytes> {
    const label = this.#collection === 'tokens' ? field : `${this.#collection}/${field}`;
    // an identity is several values in one text, which may be longer than any value that is looked up
    return blindIndex(root, this.#tenant, label, value, field === 'identity' ? 1_048_576 : undefined);
  }

  #context(id: string, revision: number, expiresAt: number): Parameters<typeof sealRecord>[1] {
    return { schema, tenant: this.#tenant, collection: this.#collection, id, revision, expiresAt };
  }
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
