/**
 * Does the work for each item, for up to `most` at once, beginning in their order.
 *
 * @returns the results in the order of the items.
 * @throws what the first work that failed threw, when no work is under way any more. What was not begun by then is not.
 */
export async function eachAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  let failure: { readonly error: unknown } | undefined;

  const worker = async (): Promise<void> => {
    for (const [i, item] of waiting) {
      try {
        results[i] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}
