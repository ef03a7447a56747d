import type { Keyring } from '../../../src/core/keyring.ts';
import type { SavedToken } from '../../../src/core/oauth-token.ts';
import type { RecordBackend, StoredRecord } from '../../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';
import type { StrictAuthorizationServer } from '../strict-authorization-server.ts';
import type { Auditor } from './gated-backend.ts';

/** What is stored for a user, by what the server knows of it. */
export interface Stored {
  readonly token: SavedToken;
  readonly ordinal: number;
  readonly grant: number;
}

/** Looks at every write as it takes place, and at nothing that the code under test says of it. */
export class ModelAudit implements Auditor {
  readonly violations: string[] = [];
  /** What is stored, by user. */
  readonly stored = new Map<string, Stored>();
  /** Every refresh token that was ever stored. */
  readonly everStored = new Set<string>();
  /** The grants that another sign-in has taken the place of. */
  readonly replacedGrants = new Set<number>();
  readonly #keyring: Keyring;
  readonly #tenant: string;
  readonly #server: StrictAuthorizationServer;
  /** The refresh tokens of new sign-ins that are being stored, by process. */
  readonly #signIns = new Map<number, Set<string>>();

  constructor(keyring: Keyring, tenant: string, server: StrictAuthorizationServer) {
    this.#keyring = keyring;
    this.#tenant = tenant;
    this.#server = server;
  }

  /** A process begins to store a new sign-in, or has ended that. */
  signsIn(process: number, refreshToken: string, begins: boolean): void {
    const known = this.#signIns.get(process) ?? new Set();
    this.#signIns.set(process, known);
    if (begins) known.add(refreshToken);
    else known.delete(refreshToken);
  }

  async wrote(record: StoredRecord, process: number, created: boolean): Promise<void> {
    const claim = { owner: '', heldMs: 0, coolingMs: 0 };
    const backend = { get: async () => ({ ...record, claim }) } as unknown as RecordBackend;
    const store = new EncryptedTokenStore({ backend, keyring: this.#keyring, tenant: this.#tenant });
    const token = (await store.findTokenById(record.id)) as SavedToken;
    const user = token.userName as string;
    const refreshToken = token.refreshToken as string;
    const known = this.#server.ledger.known(refreshToken);
    if (known === undefined) {
      this.violations.push(`a refresh token of ${user} is stored that the server never made`);
      return;
    }
    if (known.user !== user) this.violations.push(`the refresh token of ${known.user} is stored for ${user}`);
    const { ordinal, grant } = known;
    const before = this.stored.get(user);
    const signsIn = this.#signIns.get(process)?.has(refreshToken) ?? false;
    if (created && !signsIn) this.violations.push(`${user} had signed out and is stored again`);
    const sameGrant = grant === before?.grant;
    if (before !== undefined && (sameGrant ? ordinal < before.ordinal : !signsIn)) {
      this.violations.push(`refresh token ${before.ordinal} of ${user} was overwritten with ${ordinal}`);
    }
    this.stored.set(user, { token, ordinal, grant });
    this.everStored.add(refreshToken);
    if (before !== undefined && !sameGrant) this.replacedGrants.add(before.grant);
  }

  deleted(id: string): void {
    for (const [user, { token }] of this.stored) if (token.id === id) this.stored.delete(user);
  }
}
