/** What the worker said. */
export interface WorkerAnswer {
  /** The body, as JSON. */
  readonly body: unknown;
  /** What came of asking for the access token, where the request needed one. */
  readonly outcome: string | undefined;
}

/**
 * Asks the worker of this page.
 *
 * @throws an error with the worker's code and message when it refuses.
 */
export async function askWorker(path: string, method: 'GET' | 'POST' = 'GET', body?: object): Promise<unknown> {
  return (await callWorker(path, method, body)).body;
}

/** {@link askWorker}, and what the answer says besides. */
export async function callWorker(path: string, method: 'GET' | 'POST' = 'GET', body?: object): Promise<WorkerAnswer> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(path, { method, ...(body && { headers, body: JSON.stringify(body) }) });
  const answer: unknown = await response.json().catch(() => undefined);
  const outcome = response.headers.get('Tokenkeep-Outcome') ?? undefined;
  if (response.ok) return { body: answer, outcome };
  const { error } = (answer ?? {}) as { error?: { code?: string; message?: string } };
  const message = error?.message ?? `the worker answered ${response.status}`;
  throw Object.assign(new Error(message), { code: error?.code });
}
