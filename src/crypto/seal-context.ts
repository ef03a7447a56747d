import type { Bytes } from '../core/bytes.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { concat } from './concat.ts';
import { encodeText } from './encode-text.ts';
import { uint } from './uint.ts';

/** Where a sealed payload belongs. It opens only under the very same context (specification §5). */
export interface SealContext {
  /** Version of the payload's own layout, up to 65535. */
  readonly schema: number;
  /** Up to 128 bytes of UTF-8. */
  readonly tenant: string;
  /** Up to 64 bytes of UTF-8. */
  readonly collection: string;
  /** Up to 256 bytes of UTF-8. */
  readonly id: string;
  readonly revision: number;
  /** Epoch milliseconds; 0 is never. */
  readonly expiresAt: number;
}

/**
 * The associated data of an envelope: its header, then the context in a fixed order with length prefixes, so that no
 * two contexts give the same bytes.
 *
 * @param header the first 34 bytes of the envelope: version, type, key id, salt and IV.
 * @throws `E_INPUT` when a part of the context is too long, malformed or not a whole number.
 */
export function associatedData(header: Bytes, context: SealContext): Bytes {
  if (!Number.isInteger(context.schema) || context.schema < 0 || context.schema > 65_535) {
    throw new TokenkeepError('E_INPUT', 'the schema has to be a whole number from 0 to 65535');
  }
  for (const value of [context.revision, context.expiresAt]) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new TokenkeepError('E_INPUT', 'the revision and the expiry have to be whole numbers, zero or more');
    }
  }
  const tenant = encodeText(context.tenant, 128, 'the tenant');
  const collection = encodeText(context.collection, 64, 'the collection');
  const id = encodeText(context.id, 256, 'the id');
  return concat(
    header,
    header.subarray(0, 2), // version and type again: the layout of this data is theirs
    uint(context.schema, 2),
    uint(tenant.length, 2),
    tenant,
    uint(collection.length, 2),
    collection,
    uint(id.length, 2),
    id,
    uint(context.revision, 8),
    uint(context.expiresAt, 8),
  );
}
