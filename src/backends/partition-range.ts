/**
 * The IndexedDB keys `[partition, id]` of a partition, in all or after an id. An array with a further element is greater
 * than one without, and an array than any text.
 */
export function partitionRange(partition: string, after?: string): IDBKeyRange {
  return IDBKeyRange.bound(after === undefined ? [partition] : [partition, after], [partition, []], true);
}
