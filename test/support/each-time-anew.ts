import type { RecordBackend } from '../../src/core/record-backend.ts';

const methods = [
  'get',
  'find',
  'put',
  'claim',
  'release',
  'delete',
  'page',
  'clear',
  'putEach',
  'scan',
  'keyUse',
  'due',
  'deleteExpired',
] as const;

/** A backend that `once` makes for each operation, and puts away after it. One operation after the other. */
export function eachTimeAnew(
  capabilities: RecordBackend['capabilities'],
  once: (work: (backend: RecordBackend) => Promise<unknown>) => Promise<unknown>,
): RecordBackend {
  let turn: Promise<unknown> = Promise.resolve();
  const call = (method: (typeof methods)[number], args: readonly unknown[]): Promise<unknown> => {
    const work = (backend: RecordBackend): Promise<unknown> =>
      (backend[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
    const result = turn.then(() => once(work));
    turn = result.catch(() => undefined);
    return result;
  };
  const calls = methods.map((method) => [method, (...args: readonly unknown[]) => call(method, args)]);
  return { capabilities, ...Object.fromEntries(calls) } as RecordBackend;
}
