/** One line of the table that `npm run bench` prints. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** What it should be at most; absent when there is no target. */
  readonly target?: string;
  readonly note?: string;
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figure[];
  }
}
