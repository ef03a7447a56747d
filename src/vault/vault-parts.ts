import type { RecordBackend } from '../core/record-backend.ts';
import type { KeyLock } from './key-lock.ts';
import type { VaultEvent } from './vault.ts';
import type { VaultPlace } from './vault-place.ts';

/** What the operations of a vault work on. */
export interface VaultParts {
  readonly backend: RecordBackend | undefined;
  readonly place: VaultPlace;
  readonly lock: KeyLock;
  /** How often other tabs have changed the keys. */
  readonly changes: () => number;
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
  /** Tells the listeners of this tab, and then all other tabs. */
  tell(type: Exclude<VaultEvent['type'], 'active' | 'locked' | 'unlocked'>): void;
  /** Tells the listeners of this tab alone. */
  emit(event: VaultEvent): void;
}
