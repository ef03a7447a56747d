/** Resolves when the work has ended, well or not, or when so many milliseconds are over. Never rejects. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.then(nothing, nothing), over]);
  if (timer !== undefined) clearTimeout(timer);
}

function nothing(): void {}
