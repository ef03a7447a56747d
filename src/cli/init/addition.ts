/** Settings that a configuration is to have beside those that are there. */
export interface Addition {
  /** The table that they go to. */
  readonly table: 'vars' | 'triggers' | 'd1_databases';
  /** Whether they are one more table of a list. */
  readonly isListed: boolean;
  readonly values: Readonly<Record<string, string | readonly string[]>>;
  /** What a file that may hold comments says above them. */
  readonly comments: readonly string[];
}
