import { type ChangeableRows, changeRows, type RowChange, type Rows } from './rows.ts';

/** What came of a step, and what has to be changed for it to be true. */
export interface RowStep<T> {
  readonly outcome: T;
  readonly changes: readonly RowChange[];
}

/** Where rows are kept. A step is a function without effects: it may be run on rows that are thrown away afterwards. */
export interface RowPlace {
  /** Runs a look at the rows as they are. */
  read<T>(look: (rows: Rows) => T): Promise<T>;
  /** Runs a step alone: nobody changes the rows between what it sees and what it changes. All its changes are kept, or none. */
  write<T>(step: (rows: Rows) => RowStep<T>): Promise<T>;
}

/** Rows of this process. A step runs to its end before anybody else has a turn. */
export function rowPlace(rows: ChangeableRows): RowPlace {
  return {
    read: async (look) => look(rows),
    write: async (step) => {
      const { outcome, changes } = step(rows);
      changeRows(rows, changes);
      return outcome;
    },
  };
}
