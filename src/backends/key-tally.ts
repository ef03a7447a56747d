import type { KeyUse } from '../core/record-backend.ts';

/** Counts records by their two keys. */
export interface KeyTally {
  /** Counts records that have these two. Whatever a database gave for them, or somebody who altered it. */
  add(keyId: unknown, indexKeyId: unknown, records?: number): void;
  /** What was counted so far: each pair once, in the order of their ids. */
  uses(): readonly KeyUse[];
}

/** Nothing is counted yet. */
export function keyTally(): KeyTally {
  const counts = new Map<string, KeyUse>();
  return {
    add(keyId, indexKeyId, records = 1) {
      const keys = { keyId: idOf(keyId), indexKeyId: idOf(indexKeyId) };
      const place = `${keys.keyId} ${keys.indexKeyId}`;
      counts.set(place, { ...keys, records: (counts.get(place)?.records ?? 0) + records });
    },
    uses: () => [...counts.keys()].sort().map((place) => counts.get(place) as KeyUse),
  };
}

/** What names no key is shown to people, and could be anything: it becomes empty. */
function idOf(value: unknown): string {
  return typeof value === 'string' && /^[0-9a-f]{8}$/.test(value) ? value : '';
}
