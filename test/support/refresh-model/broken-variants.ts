import type { ClaimableTokenStore } from '../../../src/core/token-store.ts';
import type { Setting } from './run-plan.ts';

/** Things that the proofs rest on, each broken in one way: what a schedule has to notice. */
export const brokenVariants: readonly (readonly [name: string, Pick<Setting, 'breakBackend' | 'breakStore'>])[] = [
  [
    'a store whose claim is always granted',
    { breakStore: (store) => over(store, { claimToken: async () => ({ granted: true, doubts: 0 }) }) },
  ],
  [
    'a commit without a revision',
    {
      breakStore: (store) =>
        over(store, {
          saveToken: (token, options) => {
            const { revision: _, ...change } = token;
            return store.saveToken(options?.claimOwner === undefined ? token : change, options);
          },
        }),
    },
  ],
  [
    'a database that forgets doubts on every save',
    {
      breakBackend: (backend) => ({ ...backend, put: (record, how) => backend.put(record, { ...how, renewed: true }) }),
    },
  ],
  [
    'a database whose claims end at once',
    {
      breakBackend: (backend) => ({
        ...backend,
        claim: (partition, id, request) => backend.claim(partition, id, { ...request, ttlMs: 0 }),
      }),
    },
  ],
  ['a store that gives no claim back', { breakStore: (store) => over(store, { releaseToken: async () => undefined }) }],
];

function over(store: ClaimableTokenStore, change: Partial<ClaimableTokenStore>): ClaimableTokenStore {
  return {
    capabilities: store.capabilities,
    findToken: (query) => store.findToken(query),
    findTokenById: (id) => store.findTokenById(id),
    findClaimable: (query) => store.findClaimable(query),
    saveToken: (token, options) => store.saveToken(token, options),
    deleteToken: (id) => store.deleteToken(id),
    getTokens: () => store.getTokens(),
    deleteTokens: () => store.deleteTokens(),
    claimToken: (token, request) => store.claimToken(token, request),
    releaseToken: (id, release) => store.releaseToken(id, release),
    ...change,
  };
}
