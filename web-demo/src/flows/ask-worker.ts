/**
 * Asks the worker of this page.
 *
 * @throws an error with the worker's code and message when it refuses.
 */
export async function askWorker(path: string, method: 'GET' | 'POST' = 'GET'): Promise<unknown> {
  const response = await fetch(path, { method });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { error } = (answer ?? {}) as { error?: { code?: string; message?: string } };
  const message = error?.message ?? `the worker answered ${response.status}`;
  throw Object.assign(new Error(message), { code: error?.code });
}
