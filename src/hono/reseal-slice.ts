import { resealPage } from '../store/reseal-page.ts';
import type { EdgeServices } from './edge-services.ts';

/** What a slice of a key rotation came to. */
export interface ResealedSlice {
  readonly resealed: number;
  /** Whether there may be more that needs new keys. */
  readonly more: boolean;
}

/** How many pages are looked at for one of records that can be sealed anew, when others that do not open are in front. */
const mostPages = 16;

/**
 * Seals up to `limit` records with new keys, when the keyring has more than one key. Without compare-and-set that takes
 * a backend to which nobody else writes tokens.
 *
 * @param until when no further page is begun, by the clock of the services.
 */
export async function resealSlice(
  { options, keyring, now }: EdgeServices,
  limit: number,
  until: number,
): Promise<ResealedSlice> {
  const { backend, role } = options;
  const mayRotate = backend.capabilities.compareAndSet || role === 'refresher';
  const opening = keyring.info().filter(({ status }) => status !== 'disabled');
  if (!mayRotate || opening.length < 2) return { resealed: 0, more: false };
  let [resealed, pages] = [0, 0];
  let cursor: string | undefined;
  do {
    if (resealed === limit || pages === mostPages || now() >= until) return { resealed, more: true };
    const page = await resealPage(backend, keyring, limit - resealed, cursor);
    resealed += page.records.filter(([, outcome]) => outcome === 'resealed').length;
    cursor = page.cursor;
    pages++;
  } while (cursor !== undefined);
  return { resealed, more: false };
}
