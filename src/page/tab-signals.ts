import type { RenewalSignals } from '../manager/renewal-signals.ts';
import { watched } from '../manager/wait-for-renewal.ts';

/** How long a lock that nobody else can want may take, in milliseconds: a browser that has not given it by then never will. */
const grantMs = 2000;

const nameOf = (owner: string): string => `tokenkeep:${owner}`;

/**
 * The signals of tabs and their workers: a Web Lock, held exclusively while a renewal is under way and at no other time. The
 * browser frees the lock of a tab that is closed or crashes, and whoever asked for it in mode `shared` then knows at once.
 * Nobody waits to begin: an owner is random, so that its lock is never contended, and none is ever stolen.
 *
 * For pages that call `createTokenSource` themselves; `createPageClient` has them already. All callers that share a database
 * have to be of one origin and browser profile, as those of one IndexedDB are: a lock is not seen from elsewhere.
 *
 * @returns `undefined` where there are no Web Locks. Renewals are then as safe, and a closed tab is noticed when its claim
 * ends.
 */
export function tabSignals(): RenewalSignals | undefined {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (locks === undefined) return undefined;

  return {
    async hold<Result>(owner: string, work: (owner: string) => Promise<Result>): Promise<Result> {
      let running: Promise<Result> | undefined;
      const begin = (name: string): Promise<Result> => {
        running = (async () => work(name))();
        return running;
      };
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), grantMs);
      // rejects without a lock, and with one when the work fails or somebody steals it; the work alone has the last word
      await locks.request(nameOf(owner), { signal: patience.signal }, () => begin(owner)).catch(() => undefined);
      clearTimeout(timer);
      return running ?? begin(owner.slice(owner.startsWith(watched) ? watched.length : 0));
    },

    async gone(owner, ms) {
      const patience = new AbortController();
      const { signal } = patience;
      const over = new Promise<boolean>((resolve) => signal.addEventListener('abort', () => resolve(false)));
      const timer = setTimeout(() => patience.abort(), ms);
      const freed = owner.startsWith(watched)
        ? locks.request(nameOf(owner), { mode: 'shared', signal }, () => true).catch(() => over)
        : over;
      const gone = await Promise.race([freed, over]);
      clearTimeout(timer);
      return gone;
    },
  };
}
