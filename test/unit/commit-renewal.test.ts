import { expect, test, vi } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { commitRenewal } from '../../src/manager/commit-renewal.ts';
import { sourceRig } from '../support/source-rig.ts';

const weak = { compareAndSet: false, strongReads: false, atomicClear: false };

test.each([
  ['older than the token that was renewed is written over', 4, false],
  ['as old as the token that was renewed is somebody else’s truth', 5, true],
  ['younger than the token that was renewed is somebody else’s truth', 6, true],
])('over a backend that may show the past, what is %s', async (_, revision, adopted) => {
  const { saved, store } = await sourceRig({ capabilities: weak });
  const theirs = { ...saved, accessToken: 'theirs', refreshToken: 'theirs-too', revision };
  const ours = { accessToken: 'ours', refreshToken: 'ours-too' };
  vi.spyOn(store, 'findTokenById').mockResolvedValue(theirs);
  const save = vi
    .spyOn(store, 'saveToken')
    .mockRejectedValueOnce(new TokenkeepError('E_CONFLICT', 'somebody else has saved'))
    .mockImplementation(async (change) => ({ ...saved, ...ours, revision: (change.revision ?? 0) + 1 }));
  const commit = await commitRenewal(store, { ...saved, revision: 5 }, ours, 'owner');
  expect(commit).toMatchObject(adopted ? { token: theirs, adopted } : { token: ours, adopted });
  expect(save.mock.calls.map(([change]) => change.revision)).toEqual(adopted ? [5] : [5, 4]);
});
