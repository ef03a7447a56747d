/** A file that is to be made or changed. Nothing that was in it goes away but what `after` shows as replaced. */
export interface Change {
  /** Relative to the project. */
  readonly path: string;
  /** What it holds now; absent when there is no such file. */
  readonly before?: string;
  readonly after: string;
  /** Whether it holds secrets: then it is for its owner alone, is added to in one write, and its lines are not shown. */
  readonly isSecret: boolean;
}

/** What has to be done by hand, and why. */
export interface Remark {
  /** The file that it is about, relative to the project. */
  readonly path: string;
  readonly message: string;
  /** The lines to be added there. */
  readonly lines: readonly string[];
}

/** A part of what `init` does. */
export interface Part {
  readonly changes: readonly Change[];
  readonly remarks: readonly Remark[];
}

/** A part in which somebody has to do something. */
export function byHand(path: string, message: string, lines: readonly string[] = []): Part {
  return { changes: [], remarks: [{ path, message, lines }] };
}

/** A part in which one file is made or changed. */
export function changing(path: string, before: string | undefined, after: string, isSecret = false): Part {
  return { changes: [{ path, ...(before !== undefined && { before }), after, isSecret }], remarks: [] };
}

/** A part in which all is there already. */
export const nothing: Part = { changes: [], remarks: [] };
