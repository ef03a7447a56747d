import { describe, expect, test } from 'vitest';
import { eachAtOnce } from '../../src/backends/each-at-once.ts';

/** Work that ends when it is told to. */
function startWork() {
  const begun: number[] = [];
  const ends = new Map<number, { succeed: () => void; fail: (error: Error) => void }>();
  const work = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve, reject) => {
      ends.set(item, { succeed: () => resolve(`result ${item}`), fail: reject });
    });
  };
  const turn = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await undefined;
  };
  return {
    begun,
    work,
    succeed: async (item: number) => {
      ends.get(item)?.succeed();
      await turn();
    },
    fail: async (item: number, error: Error) => {
      ends.get(item)?.fail(error);
      await turn();
    },
  };
}

describe('work for each of many items', () => {
  test('is under way for as many as may be at once, beginning in their order, and gives the results in that order', async () => {
    const { begun, work, succeed } = startWork();
    const all = eachAtOnce([0, 1, 2, 3, 4], 2, work);
    expect(begun).toEqual([0, 1]);
    await succeed(1);
    expect(begun).toEqual([0, 1, 2]);
    await succeed(2);
    await succeed(3);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    await succeed(4);
    await succeed(0);
    expect(await all).toEqual(['result 0', 'result 1', 'result 2', 'result 3', 'result 4']);
  });

  test('that fails begins no more, and says so when nothing is under way any longer', async () => {
    const { begun, work, succeed, fail } = startWork();
    let settled: unknown;
    const all = eachAtOnce([0, 1, 2, 3], 2, work).catch((error: unknown) => {
      settled = error;
      return error;
    });
    const first = new Error('the first');
    await fail(1, first);
    expect([begun, settled]).toEqual([[0, 1], undefined]);
    await fail(0, new Error('the second'));
    expect(await all).toBe(first);
    await succeed(0);
    expect(begun).toEqual([0, 1]);
  });

  test('is none for no items, and needs no more workers than items', async () => {
    expect(await eachAtOnce([], 4, () => expect.unreachable())).toEqual([]);
    expect(await eachAtOnce(['a'], 4, async (item) => item.toUpperCase())).toEqual(['A']);
  });

  test('may throw before it promises anything', async () => {
    const all = eachAtOnce(['a', 'b'], 1, () => {
      throw new Error('at once');
    });
    await expect(all).rejects.toThrow('at once');
  });
});
