import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { TokenStore } from '../../src/core/token-store.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { tokenStores } from '../support/token-stores.ts';

/** A sound store as an object whose methods can be replaced. */
type Methods = Pick<
  TokenStore,
  'findToken' | 'findTokenById' | 'saveToken' | 'deleteToken' | 'getTokens' | 'deleteTokens'
>;
type Fault = (sound: Methods) => Partial<Methods>;

const onFound =
  (change: (token: SavedToken | undefined) => unknown): Fault =>
  (sound) => ({ findTokenById: async (id) => change(await sound.findTokenById(id)) as never });

/** What token stores elsewhere get wrong, and the case of the contract that has to notice it. */
const faults: readonly (readonly [fault: string, noticedBy: string, Fault])[] = [
  ['that returns null for a miss', 'a miss is undefined', onFound((token) => token ?? null)],
  [
    'that returns null for an empty list',
    'an empty store lists nothing',
    (sound) => ({
      getTokens: async () => ((await sound.getTokens()).length > 0 ? sound.getTokens() : (null as never)),
    }),
  ],
  [
    'that fails to delete what is not there',
    'deleting a token that is not there succeeds',
    (sound) => ({
      deleteToken: async (id) => {
        if (!(await sound.findTokenById(id))) throw new Error('not there');
        await sound.deleteToken(id);
      },
    }),
  ],
  [
    'that finds its first token by nothing',
    'a query that can find nothing is refused, and never finds just any token',
    (sound) => ({ findToken: async (query) => sound.findToken(query).catch(async () => (await sound.getTokens())[0]) }),
  ],
  [
    'that picks one of two matches',
    'two matches are refused until the query tells them apart',
    (sound) => ({ findToken: async (query) => sound.findToken(query).catch(async () => (await sound.getTokens())[0]) }),
  ],
  [
    'that ignores ids',
    'the id decides before everything else',
    (sound) => ({
      findToken: ({ id, ...query }) => sound.findToken(query.userName ? query : ({ id, ...query } as never)),
    }),
  ],
  [
    'that overwrites what a refresh answer does not carry',
    'a refresh answer keeps what it does not carry',
    (sound) => ({
      saveToken: async (change) => {
        const before = change.id === undefined ? undefined : await sound.findTokenById(change.id);
        return sound.saveToken({ ...(before && { refreshToken: null }), ...change });
      },
    }),
  ],
  [
    'that takes null for nothing',
    'null clears a field, and the token is not found by it any more',
    (sound) => ({
      saveToken: (change) =>
        sound.saveToken(Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))),
    }),
  ],
  [
    'that ignores revisions',
    'a save with the stored revision succeeds, and with any other is a conflict',
    (sound) => ({ saveToken: ({ revision: _, ...change }) => sound.saveToken(change) }),
  ],
  [
    'that keeps the objects it is given',
    'the tokens handed out are copies',
    (sound) => {
      const given = new Map<string, unknown>();
      return {
        saveToken: async (change) => {
          const saved = await sound.saveToken(change);
          given.set(saved.id, change.extras);
          return saved;
        },
        findTokenById: async (id) => ({ ...(await sound.findTokenById(id)), extras: given.get(id) }) as SavedToken,
      };
    },
  ],
  [
    'that lists one page',
    'all tokens are listed, also when they are many',
    (sound) => ({ getTokens: async () => (await sound.getTokens()).slice(0, 100) }),
  ],
  [
    'that splits values at commas',
    'hostile values survive in every field, and find their token and no other',
    (sound) => ({
      saveToken: (change) =>
        sound.saveToken(change.scope ? { ...change, scope: change.scope.split(',')[0] ?? '' } : change),
    }),
  ],
];

describe('the token contract notices a store', () => {
  test.each(faults)('%s', async (_fault, noticedBy, fault) => {
    const create = tokenStores(memoryBackend());
    const contract = tokenStoreContract(() => {
      const store = create();
      const sound: Methods = {
        findToken: (query) => store.findToken(query),
        findTokenById: (id) => store.findTokenById(id),
        saveToken: (change) => store.saveToken(change),
        deleteToken: (id) => store.deleteToken(id),
        getTokens: () => store.getTokens(),
        deleteTokens: () => store.deleteTokens(),
      };
      return { ...sound, ...fault(sound) };
    });
    const one = contract.find(({ name }) => name === noticedBy);
    await expect(one?.run()).rejects.toThrow(/expected|not there/);
  });

  test('whose tenants share a partition', async () => {
    const shared = tokenStores(memoryBackend())();
    const contract = tokenStoreContract(async () => {
      await shared.deleteTokens();
      return shared;
    });
    const apart = contract.find(({ name }) => name.startsWith('two stores do not see'));
    await expect(apart?.run()).rejects.toThrow('expected');
  });
});

test('the token contract names every promise once', () => {
  const names = tokenStoreContract(tokenStores(memoryBackend())).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
