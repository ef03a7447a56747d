import type { Bytes } from './bytes.ts';

/** The token fields that records can be found by without being readable. */
export type LookupField = 'userName' | 'accessToken' | 'refreshToken' | 'grantToken';

/** Blind-index values, 16 bytes each, of the fields the sealed token has. */
export type Lookups = { readonly [F in LookupField]?: Bytes };

/** A token in its sealed form. Nothing in it can be read without a key of the keyring. */
export interface StoredRecord {
  /** The tenant and collection the record belongs to. Backends treat it as an opaque name; it is stored in the clear. */
  readonly partition: string;
  /** Unique within the partition. */
  readonly id: string;
  /** Counts the writes, from 1; authenticated by the seal. */
  readonly revision: number;
  /** 16 bytes, unique within the partition: two records of one user, issuer and client cannot both be stored. */
  readonly identity: Bytes;
  readonly lookups: Lookups;
  /** The key that sealed the record, eight hexadecimal digits. */
  readonly keyId: string;
  /** The key that made the identity and the lookups, eight hexadecimal digits. */
  readonly indexKeyId: string;
  /** From when on nothing in the record is usable, in epoch milliseconds; 0 is never. Authenticated by the seal. */
  readonly expiresAt: number;
  /** From when on scheduled work should renew the token, in epoch milliseconds; 0 is never. A hint that is not sealed. */
  readonly dueAt: number;
  /** The sealed token: an envelope as `docs/storage-format.md` describes it. */
  readonly sealed: Bytes;
}

/**
 * What the claim columns of a record say. They are not sealed and no secret depends on them. Durations, because the clock
 * of the backend alone decides about claims.
 */
export interface ClaimState {
  /** Who holds the claim, or held it last without ending it; empty when nobody does. */
  readonly owner: string;
  /** How much longer somebody holds the claim, in milliseconds; 0 when nobody does. */
  readonly heldMs: number;
  /** How much longer no claim is granted, in milliseconds; 0 when one may be. */
  readonly coolingMs: number;
}

/** A record as a backend returns it. */
export interface KeptRecord extends StoredRecord {
  readonly claim: ClaimState;
}

/** Conditions of a write. */
export interface PutCondition {
  /** The revision the stored record must have; absent when there must be no record with this id and none with this identity. */
  readonly revision?: number;
  /** The owner of a claim that ends with this write. A claim of anybody else is left alone. */
  readonly claimOwner?: string;
  /** Whether the record has another refresh token than before: what was in doubt about that one, or cooling down, is over. */
  readonly renewed?: boolean;
}

/** `conflict`: the condition did not hold, or another record has the identity. Nothing was written then. */
export type PutOutcome = 'stored' | 'conflict';

/** The wish to be the only one who renews a token. */
export interface ClaimRequest {
  /** The revision the claimant has read. A claim is granted only while the record still has it. */
  readonly revision: number;
  /** Names this attempt. Random, and never used for a second call to the authorization server. */
  readonly owner: string;
  /** How long the claim holds when it is not released, in milliseconds. */
  readonly ttlMs: number;
}

/**
 * What came of a claim.
 *
 * Granted, the caller alone may renew until the claim ends. `doubts` then counts the earlier attempts with the present
 * refresh token of which nobody knows how they ended: each may have made the authorization server replace it.
 *
 * Not granted, somebody else holds it, the record has moved on or is gone, or it is cooling down: read again.
 */
export type ClaimOutcome = { readonly granted: false } | { readonly granted: true; readonly doubts: number };

/** How a claim ends without a write. */
export interface ClaimRelease {
  readonly owner: string;
  /** How long no new claim is granted, in milliseconds of the backend's clock; absent for at once. */
  readonly coolingMs?: number;
  /** Whether the authorization server may have replaced the refresh token all the same. */
  readonly inDoubt?: boolean;
}

/** One of several writes. */
export interface RecordWrite {
  readonly record: StoredRecord;
  readonly condition: PutCondition;
}

/** The two keys of a record, by their ids of eight hexadecimal digits. */
export type RecordKeys = Pick<StoredRecord, 'keyId' | 'indexKeyId'>;

/** How many records have these two keys. The backends of tokenkeep give an empty id where an altered record names no key. */
export interface KeyUse extends RecordKeys {
  readonly records: number;
}

/** Which records a {@link RecordBackend.scan} is for. */
export interface ScanOptions {
  /** The cursor of the page before; absent for the first page. */
  readonly cursor?: string;
  /** Leaves out the records whose keys are exactly these two. Default: none is left out. */
  readonly except?: RecordKeys;
}

/** One page of records, and where the next one begins; no cursor on the last page. */
export interface RecordPage {
  readonly records: readonly KeptRecord[];
  readonly cursor?: string;
}

/** What a backend promises. Callers refuse a backend that cannot promise what they need. */
export interface BackendCapabilities {
  /** `put` compares and sets atomically, identities are unique, and claims exclude each other. */
  readonly compareAndSet: boolean;
  /** A read sees every write that was acknowledged before it, wherever it was made. */
  readonly strongReads: boolean;
  /** `clear` removes everything in one atomic operation. */
  readonly atomicClear: boolean;
  /** The shortest life the backend can give a record that expires, in milliseconds. It drops expired records by itself; absent when it never does. */
  readonly minimumTtlMs?: number;
}

/**
 * Where records live. A backend stores, finds and compares opaque values; it never sees a token. Implementations hold
 * no policy: matching, merging and sealing happen above.
 *
 * Concurrency: every method may run at the same time as any other, in any number of tabs, isolates or processes.
 * Failures reject with a {@link TokenkeepError} of code `E_STORAGE` or `E_QUOTA` and leave the previous record intact.
 */
export interface RecordBackend {
  readonly capabilities: BackendCapabilities;

  /** The record with this id. */
  get(partition: string, id: string): Promise<KeptRecord | undefined>;

  /** All records whose lookup of this field, or whose identity, is one of the values. */
  find(partition: string, field: LookupField | 'identity', values: readonly Bytes[]): Promise<readonly KeptRecord[]>;

  /** Writes the record with all its lookups, or nothing. */
  put(record: StoredRecord, condition: PutCondition): Promise<PutOutcome>;

  /**
   * Claims the right to renew a record, in one atomic operation that writes only the claim.
   *
   * @throws `E_UNSUPPORTED` when the backend has no compare-and-set.
   */
  claim(partition: string, id: string, request: ClaimRequest): Promise<ClaimOutcome>;

  /** Gives a claim back. Does nothing when somebody else holds it. */
  release(partition: string, id: string, release: ClaimRelease): Promise<void>;

  /**
   * Deletes the record, its lookups and its claim, in one atomic operation where the backend has compare-and-set.
   *
   * @returns what was deleted; `undefined` when there was none.
   */
  delete(partition: string, id: string): Promise<KeptRecord | undefined>;

  /** At most `limit` records, in a stable order, beginning at the cursor of the page before. A page may be empty and still have a cursor. */
  page(partition: string, limit: number, cursor?: string): Promise<RecordPage>;

  /** Deletes all records of the partition. */
  clear(partition: string): Promise<void>;

  /**
   * Writes each of the records under its own condition, as {@link RecordBackend.put} does, in as few round trips as the
   * backend can. Each write is atomic by itself, the whole need not be: when the call rejects, any of them may have been made.
   * No two of them are of one id; of several that want one identity exactly one gets it.
   *
   * @returns the outcomes, in the order of the writes.
   */
  putEach(writes: readonly RecordWrite[]): Promise<readonly PutOutcome[]>;

  /**
   * At most `limit` records of all partitions, in a stable order, beginning at the cursor of the page before. A page may be
   * empty and still have a cursor. Reads every record: meant for rotating keys and for inspection.
   *
   * A record that is written again or deleted between two pages hides no other one. A cursor that no page gave begins
   * anywhere, or is refused.
   *
   * @throws `E_INPUT` when the cursor is none; `E_STORAGE` where only the database can tell.
   */
  scan(limit: number, options?: ScanOptions): Promise<RecordPage>;

  /** How many records, of one partition or of all, each pair of keys has sealed and indexed. Reads every record. */
  keyUse(partition?: string): Promise<readonly KeyUse[]>;

  /**
   * Up to `limit` records whose {@link StoredRecord.dueAt} is `at` or before, and that nobody holds and that are not cooling
   * down. Those that have waited longest come first, where an end of cooling down counts as a new beginning.
   */
  due(partition: string, at: number, limit: number): Promise<readonly KeptRecord[]>;

  /** Deletes up to `limit` records, of all partitions, that expired at or before `now`; resolves with how many. */
  deleteExpired(now: number, limit: number): Promise<number>;
}

/** A backend that holds a file or connections of its own. */
export interface ClosableRecordBackend extends RecordBackend {
  /** Frees the file or the connections, once what is under way has ended. A later call opens nothing again: it rejects with `E_STORAGE`. */
  close(): Promise<void>;
}
