/** A database's clock cannot be set, so whatever takes time is made to take next to none, and then waited for. */
const limitMs = 10_000;

/**
 * Asks again and again until the answer is not `unwanted`.
 *
 * @returns the first other answer.
 * @throws `Error` after ten seconds.
 */
export async function eventually<Answer>(unwanted: Answer, ask: () => Promise<Answer>): Promise<Answer> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== unwanted) return answer;
    if (Date.now() > end) throw new Error(`the answer was still ${String(unwanted)} after ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
