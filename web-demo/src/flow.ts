import type { VaultState } from 'tokenkeep/vault';
import type { StoredRecord } from './stored-record.ts';

/** What a card knows of the sign-in. Instants are epoch milliseconds. */
export interface SignedIn {
  readonly name: string;
  readonly expiresAt: number | undefined;
  readonly scope: string | undefined;
  /** Where the record lives, in words. */
  readonly place: string;
  /** Why the user has to sign in again, in a sentence; absent while the token can be renewed. */
  readonly mustSignIn?: string;
}

/** The outcome of a step, in words for the log. */
export interface StepResult {
  readonly log: string;
  /** An answer to show in full. */
  readonly answer?: string;
}

/** Something that happened without a step of this card, or in the middle of one, in words for the log. */
export interface FlowNews {
  readonly text: string;
  readonly failed: boolean;
  /** Whether it happened in another tab: what the card shows may have changed. */
  readonly elsewhere: boolean;
}

/** A card that wants to know what goes on besides its own steps. */
export interface FlowListener {
  told(news: FlowNews): void;
  /** Another tab wants all tabs to call the API now. */
  asked(): void;
  /** The key was locked, unlocked, made or lost: what the card shows may have changed. */
  keyChanged(): void;
}

/** One way to keep a token. A card shows it; the flow does the work and knows nothing of the card. */
export interface Flow {
  readonly title: string;
  readonly summary: string;
  /** Finishes a sign-in that is under way, if there is one, and says what happened. */
  start(): Promise<StepResult | undefined>;
  state(): Promise<SignedIn | undefined>;
  /** What has become of the key that the page itself holds. Absent where it holds none. */
  keyState?(): Promise<VaultState>;
  /** Leaves the page. */
  signIn(): Promise<never>;
  callApi(): Promise<StepResult>;
  expireNow(): Promise<StepResult>;
  signOut(): Promise<StepResult>;
  record(): Promise<StoredRecord | undefined>;
  /** Absent where the page holds the token itself. */
  shortLivedToken?(): Promise<StepResult>;
  /** Makes the token old, though it still works: due to be renewed. Absent where the page does without. */
  expireSoon?(): Promise<StepResult>;
  /** Ends the token and every session that uses it. Absent where there are no sessions. */
  signOutEverywhere?(): Promise<StepResult>;
  /** Renews the token although it works. Absent where the page cannot tell the holder to. */
  renewNow?(): Promise<StepResult>;
  /** Lets the token expire, and calls the API in all tabs at the same time. Absent where tabs share nothing but a cookie. */
  callInAllTabs?(): Promise<StepResult>;
  /** Tells the card what goes on. Call once. Absent where only steps of the card do anything. */
  listen?(listener: FlowListener): void;
  /** Flips one bit of the stored bytes, or puts the same bit back. Absent where the page cannot reach the database. */
  toggleBit?(): Promise<StepResult>;
}
