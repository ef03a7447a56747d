import { toBase64url } from '../core/base64url.ts';
import type { LookupField, StoredRecord } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { RecordName } from './name-cursor.ts';

/** KV refuses longer keys, and does so only after others may have been written. */
const maxKeyBytes = 512;

/**
 * The keys of a KV namespace. A partition holds exactly one `/`, so no partition's prefix begins another's.
 *
 * - `<prefix>r/<partition>/<id>`: the record.
 * - `<prefix>l/<partition>/<field>/<value>/<id>`: an empty entry for each lookup and for the identity. One key for each
 *   record, because a list of ids under one key would lose what two writers add at once.
 */
export interface KvKeys {
  /** What the keys of the records begin with, of one partition or of all. */
  records(partition?: string): string;
  /** What the keys of the entries of a partition begin with. */
  entries(partition: string): string;
  /** What the keys of the entries of one value begin with. */
  entriesOf(partition: string, field: LookupField | 'identity', value: Uint8Array): string;
  /** @throws `E_INPUT` when the key would be longer than KV allows. */
  record(partition: string, id: string): string;
  /**
   * The keys of all entries of a record.
   *
   * @throws `E_INPUT` when one would be longer than KV allows.
   */
  entriesFor(record: Pick<StoredRecord, 'partition' | 'id' | 'identity' | 'lookups'>): readonly string[];
  /** The partition and the id that a record's key names; `undefined` for the key of something else that was put there. */
  parse(recordKey: string): RecordName | undefined;
}

/** The keys under a prefix. */
export function kvKeys(prefix: string): KvKeys {
  const root = `${prefix}r/`;
  const entriesOf: KvKeys['entriesOf'] = (partition, field, value) =>
    `${prefix}l/${partition}/${field}/${toBase64url(value)}/`;
  return {
    records: (partition) => (partition === undefined ? root : `${root}${partition}/`),
    entries: (partition) => `${prefix}l/${partition}/`,
    entriesOf,
    record: (partition, id) => checked(`${root}${partition}/${id}`),
    entriesFor: ({ partition, id, identity, lookups }) =>
      Object.entries({ ...lookups, identity }).map(([field, value]) =>
        checked(entriesOf(partition, field as LookupField, value) + id),
      ),
    parse: (recordKey) => {
      const [tenant, collection, ...id] = recordKey.slice(root.length).split('/');
      return id.length === 0 ? undefined : { partition: `${tenant}/${collection}`, id: id.join('/') };
    },
  };
}

function checked(key: string): string {
  if (new TextEncoder().encode(key).length > maxKeyBytes) {
    throw new TokenkeepError(
      'E_INPUT',
      `the id or the tenant is too long for KV: a key has ${maxKeyBytes} bytes; shorten it`,
    );
  }
  return key;
}
