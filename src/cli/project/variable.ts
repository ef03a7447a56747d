import type { Project } from './project.ts';
import { tableOf } from './table.ts';

/** A variable of the worker. */
export interface Variable {
  /** A text, unless something else is written there. */
  readonly value: unknown;
  /** Whether it is only in a file that is for this machine. */
  readonly isLocal: boolean;
}

/** What a variable is set to: in the configuration or, only locally, in `.dev.vars`. An empty text counts as not set. */
export function variableOf({ settings, local }: Project, name: string): Variable | undefined {
  const vars = tableOf(settings.vars);
  const value = Object.hasOwn(vars, name) ? vars[name] : undefined;
  if (value !== undefined && value !== '') return { value, isLocal: false };
  const here = local.values.get(name);
  return here ? { value: here, isLocal: true } : undefined;
}
