import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { memoryVaultStorage } from './memory-vault-storage.ts';
import type { VaultState } from './vault.ts';
import { type VaultContent, vaultContent } from './vault-content.ts';
import type { VaultMarker } from './vault-marker.ts';
import type { VaultStorage } from './vault-storage.ts';

/** What was found in place of a vault. */
export interface FoundVault {
  readonly state: 'present' | Exclude<VaultState, 'locked' | 'unlocked'>;
  readonly content: VaultContent;
}

/** Where the vault of this tab is: in the database, or, of a session alone, in the tab's memory. */
export interface VaultPlace {
  /** Where it is now. */
  storage(): VaultStorage;
  isSession(): boolean;
  /** Where a new vault would be: a place of its own in memory for a session, else the database. */
  storageOf(isSession: boolean): VaultStorage;
  /** The vault is in this place from now on, and no longer where it was. Asks the browser to keep what is in its database. */
  moveTo(storage: VaultStorage): void;
  /** There is no vault any more. */
  forget(): void;
  find(): Promise<FoundVault>;
  /** @throws `E_INPUT`, `E_NO_ROOT` or `E_EVICTED` when there is no vault that could be opened. */
  present(): Promise<VaultContent>;
  /** How many records the backend has. */
  countRecords(): Promise<number>;
}

/** Settings of {@link vaultPlace}. */
export interface VaultPlaceOptions {
  readonly durable: VaultStorage;
  readonly backend: RecordBackend | undefined;
  readonly marker: VaultMarker;
}

const errors: { readonly [S in Exclude<FoundVault['state'], 'present'>]: () => TokenkeepError } = {
  absent: () => new TokenkeepError('E_INPUT', 'there is no vault yet; create it'),
  lost: () =>
    new TokenkeepError('E_NO_ROOT', 'the keys are lost while there is data; reset the vault, then sign in again'),
  evicted: () =>
    new TokenkeepError('E_EVICTED', 'the browser has deleted vault and data; create the vault anew, then sign in'),
};

export function vaultPlace({ durable, backend, marker }: VaultPlaceOptions): VaultPlace {
  let storage = durable;
  const read = async (): Promise<VaultContent> => vaultContent(await storage.read());

  async function countRecords(): Promise<number> {
    return ((await backend?.keyUse()) ?? []).reduce((sum, { records }) => sum + records, 0);
  }

  async function find(): Promise<FoundVault> {
    requireWebCrypto();
    let content = await read();
    if (content.isUsable) return { state: 'present', content };
    // where nobody knows of data, a vault that was there is reason enough to believe that there is some
    const isLost = backend === undefined ? content.isPresent : (await countRecords()) > 0;
    // another tab may have made the vault meanwhile, and sealed the first record
    if (isLost) content = await read();
    if (content.isUsable) return { state: 'present', content };
    if (isLost) return { state: 'lost', content };
    return { state: !content.isPresent && marker.isSet() ? 'evicted' : 'absent', content };
  }

  return {
    storage: () => storage,
    isSession: () => storage !== durable,
    storageOf: (isSession) => (isSession ? memoryVaultStorage() : durable),
    moveTo(place) {
      storage = place;
      if (place !== durable) return;
      marker.set();
      // Not awaited: a browser may ask the user, who need not answer.
      askToPersist().catch(() => undefined);
    },
    forget() {
      storage = durable;
      marker.remove();
    },
    find,
    async present() {
      const { state, content } = await find();
      if (state === 'present') return content;
      throw errors[state]();
    },
    countRecords,
  };
}

async function askToPersist(): Promise<void> {
  await globalThis.navigator?.storage?.persist?.();
}

function requireWebCrypto(): void {
  if (globalThis.isSecureContext !== false && globalThis.crypto?.subtle !== undefined) return;
  throw new TokenkeepError('E_UNSUPPORTED', 'this page cannot encrypt: open it over https:, or as http://localhost');
}
