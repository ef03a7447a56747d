/** What a check has come to. */
export interface Finding {
  /** What was looked at, in a word or two with hyphens: scripts may rely on it. */
  readonly check: string;
  /** `problem`: it cannot work, or not safely; `warning`: it may be meant so. */
  readonly status: 'ok' | 'warning' | 'problem';
  /** What is the case and, unless that is in order, what to do. It quotes no value of any setting. */
  readonly message: string;
  /** The command that mends it. */
  readonly command?: string;
}

/** It is in order. */
export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

/** It may be meant so. */
export function warning(check: string, message: string, command?: string): Finding {
  return { check, status: 'warning', message, ...(command !== undefined && { command }) };
}

/** It cannot work, or not safely. */
export function problem(check: string, message: string, command?: string): Finding {
  return { check, status: 'problem', message, ...(command !== undefined && { command }) };
}
