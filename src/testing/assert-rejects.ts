import type { ErrorCode } from '../core/tokenkeep-error.ts';

/**
 * Expects a rejection with this code. Goes by the code alone: an implementation may carry another copy of the package.
 *
 * @param what names the operation in the message.
 * @throws `Error` when it resolves, or rejects with something else.
 */
export async function assertRejects(operation: Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  const outcome = await operation.then(
    () => 'it resolved',
    (error: unknown) => {
      const found: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
      return found === code ? undefined : `it rejected with ${String(found ?? error)}`;
    },
  );
  if (outcome !== undefined) throw new Error(`${what}: expected ${code}, but ${outcome}`);
}
