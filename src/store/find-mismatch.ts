import { equalBytes } from '../core/bytes.ts';
import type { Keyring } from '../core/keyring.ts';
import type { KeptRecord, LookupField, StoredRecord } from '../core/record-backend.ts';
import type { ErrorCode } from '../core/tokenkeep-error.ts';
import { parseEnvelope } from '../crypto/envelope.ts';
import { codeOfRecord, collectionOf } from './reseal-records.ts';

/** A field of a record that stands in the clear and follows from what is sealed. */
export type ClearField = 'keyId' | 'indexKeyId' | 'identity' | LookupField;

/** What is wrong with a record. */
export interface Mismatch {
  /**
   * Why the record does not open. `E_INDEX_MISMATCH` when it opens, and says in the clear what is not so; `E_KEY_UNKNOWN` or
   * `E_KEY_DISABLED` when it opens, but not the key of its lookups is there to compare them.
   */
  readonly code: ErrorCode;
  /** The fields that are not what they should be; empty when the record does not open. */
  readonly fields: readonly ClearField[];
}

const lookupFields = ['userName', 'accessToken', 'refreshToken', 'grantToken'] as const;

/**
 * Opens a record and compares what it says in the clear with what is sealed in it.
 *
 * @returns `undefined` when nothing is wrong.
 * @throws `E_LOCKED` when the keyring is locked.
 */
export async function findMismatch(keyring: Keyring, record: KeptRecord): Promise<Mismatch | undefined> {
  try {
    const collection = collectionOf(record.partition, keyring);
    const payload = await collection.open(record);
    const fields: ClearField[] = parseEnvelope(record.sealed).keyId === record.keyId ? [] : ['keyId'];
    const { indexKeyId } = record;
    const root = keyring.indexRoots().find(({ keyId }) => keyId === indexKeyId);
    if (root === undefined) {
      const isKnown = keyring.info().some(({ keyId }) => keyId === indexKeyId);
      return { code: isKnown ? 'E_KEY_DISABLED' : 'E_KEY_UNKNOWN', fields: [...fields, 'indexKeyId'] };
    }
    const expected = await collection.blindIndexes(root, record.id, payload);
    keyring.indexRoots(); // throws when it was locked meanwhile
    fields.push(...differences(record, expected));
    return fields.length === 0 ? undefined : { code: 'E_INDEX_MISMATCH', fields };
  } catch (error) {
    return { code: codeOfRecord(error), fields: [] };
  }
}

type Found = Pick<StoredRecord, 'identity' | 'lookups'>;

function differences(record: Found, expected: Found): readonly ClearField[] {
  const differing = lookupFields.filter((field) => {
    const [held, sound] = [record.lookups[field], expected.lookups[field]];
    return held === undefined || sound === undefined ? held !== sound : !equalBytes(held, sound);
  });
  return equalBytes(record.identity, expected.identity) ? differing : ['identity', ...differing];
}
