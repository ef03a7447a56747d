import type { StoredRecord } from './stored-record.ts';

/** What a card knows of the sign-in. Instants are epoch milliseconds. */
export interface SignedIn {
  readonly name: string;
  readonly expiresAt: number | undefined;
  readonly scope: string | undefined;
  /** Where the record lives, in words. */
  readonly place: string;
}

/** The outcome of a step, in words for the log. */
export interface StepResult {
  readonly log: string;
  /** An answer to show in full. */
  readonly answer?: string;
}

/** One way to keep a token. A card shows it; the flow does the work and knows nothing of the card. */
export interface Flow {
  readonly title: string;
  readonly summary: string;
  /** Finishes a sign-in that is under way, if there is one, and says what happened. */
  start(): Promise<StepResult | undefined>;
  state(): Promise<SignedIn | undefined>;
  /** Leaves the page. */
  signIn(): Promise<never>;
  callApi(): Promise<StepResult>;
  expireNow(): Promise<StepResult>;
  signOut(): Promise<StepResult>;
  record(): Promise<StoredRecord | undefined>;
  /** Absent where the page holds the token itself. */
  shortLivedToken?(): Promise<StepResult>;
  /** Flips one bit of the stored bytes, or puts the same bit back. Absent where the page cannot reach the database. */
  toggleBit?(): Promise<StepResult>;
}
