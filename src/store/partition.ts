import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** Whose records they are, and what kind of them. */
export interface RecordOwner {
  readonly tenant: string;
  readonly collection: string;
}

/** The name under which backends keep the records of a tenant and a collection (docs/storage-format.md §1). */
export function partitionOf({ tenant, collection }: RecordOwner): string {
  return `${encodeURIComponent(tenant)}/${encodeURIComponent(collection)}`;
}

/**
 * What {@link partitionOf} has made a partition of.
 *
 * @throws `E_FORMAT` when it has made no such partition: somebody else did.
 */
export function ownerOf(partition: string): RecordOwner {
  const [tenant = '', collection = ''] = partition.split('/').map(decoded);
  const owner = { tenant, collection };
  if (tenant !== '' && collection !== '' && partitionOf(owner) === partition) return owner;
  throw new TokenkeepError('E_FORMAT', 'the partition is none that tokenkeep makes; find out whose record this is');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
