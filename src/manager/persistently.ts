import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** How long to wait before the database is asked again, in milliseconds: five seconds in all. */
const pausesMs = [50, 200, 800, 1600, 2400];

/**
 * Does the work again when the database failed (`E_STORAGE`). It may have been done all the same, so that it must be work
 * that may be done twice: conditional on a revision, or of one owner.
 */
export async function persistently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const pause of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.code !== 'E_STORAGE') throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return work();
}
