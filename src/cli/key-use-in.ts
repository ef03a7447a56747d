import type { PlaceSettings } from './place-settings.ts';
import { withPlace } from './with-place.ts';

/** How many records of a place need a key. */
export interface PlaceKeyUse {
  readonly place: string;
  /** All that are there. */
  readonly records: number;
  /** Those that the key has sealed, or made the lookups of. */
  readonly needing: number;
}

/** Counts the records that need a key, in one place after the other. */
export async function keyUseIn(
  places: readonly string[],
  keyId: string,
  settings: PlaceSettings,
): Promise<readonly PlaceKeyUse[]> {
  const counted: PlaceKeyUse[] = [];
  for (const place of places) {
    // of several places only those of D1 take its settings
    const own = places.length > 1 && !place.startsWith('d1:') ? {} : settings;
    const use = await withPlace({ setting: '--in', place, settings: own, access: 'look' }, (backend) =>
      backend.keyUse(),
    );
    const sum = (of: typeof use): number => of.reduce((total, { records }) => total + records, 0);
    const needing = sum(use.filter((pair) => pair.keyId === keyId || pair.indexKeyId === keyId));
    counted.push({ place, records: sum(use), needing });
  }
  return counted;
}
