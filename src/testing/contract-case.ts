/**
 * One thing that an implementation promises. Belongs to no test runner:
 *
 * ```ts
 * for (const { name, run } of recordBackendContract(create)) test(name, run);
 * ```
 */
export interface ContractCase {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Rejects with an `Error` that says what was expected, and what was there, when the promise is not kept. */
  run(): Promise<void>;
}
