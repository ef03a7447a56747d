import { OneTimeStore, type RecordBackend } from 'tokenkeep';
import { indexedDbBackend } from 'tokenkeep/indexeddb';
import { memoryBackend } from 'tokenkeep/memory';
import { deviceSlot, edgeKeyHalf, openVault, sessionSlot, splitSlot, type Vault } from 'tokenkeep/vault';
import { askWorker } from '../flows/ask-worker.ts';
import { idleTime } from './idle-time.ts';
import { isTabOnly } from './tab-only.ts';

/** The page's keys, and what they seal. */
export interface KeyHolding {
  readonly vault: Vault;
  /** Of the records that the vault's keys seal. */
  readonly backend: RecordBackend;
  /** The IndexedDB database of the backend; absent where records are in memory. */
  readonly database?: string;
  /** Keeps sign-ins that are under way. */
  readonly transactions: OneTimeStore;
  /** Unlocks the vault by a slot that needs no user, where it has one. */
  wake(): Promise<void>;
}

/**
 * Opens what this tab works with. A sign-in that is under way has a vault and a database of its own: it has to survive the
 * redirect, after which a vault with a passphrase is locked.
 */
export async function openKeyHolding(): Promise<KeyHolding> {
  const transactions = await openTransactions();
  const idleMs = idleTime();
  const idle = idleMs === undefined ? {} : { idleMs };
  if (isTabOnly()) {
    const backend = memoryBackend();
    const vault = openVault({ name: 'tokenkeep-tab', backend, ...idle });
    return awake({ vault, backend, transactions, wake: async () => void (await vault.open(sessionSlot())) });
  }
  const database = 'tokenkeep';
  const backend = indexedDbBackend({ name: database });
  const vault = openVault({ backend, ...idle });
  return awake({ vault, backend, database, transactions, wake: () => wake(vault) });
}

/** Deletes everything that the holding has in this browser, and at the worker. */
export async function forgetHolding({ vault }: KeyHolding): Promise<void> {
  const isSplit = (await vault.slots()).some(({ kind }) => kind === 'split');
  await vault.reset();
  // whoever is no longer signed in at the worker has no half there either
  if (isSplit)
    await edgeKeyHalf()
      .destroy()
      .catch(() => undefined);
}

/** Wakes what was made in another tab, and what was locked because the user left a page that the browser kept for him. */
function awake(holding: KeyHolding): KeyHolding {
  const { vault, wake, database } = holding;
  // a key of one tab alone has nothing to do with that of another
  if (database !== undefined) vault.subscribe(({ type }) => type === 'created' && void wake());
  addEventListener('pageshow', ({ persisted }) => persisted && void wake());
  return holding;
}

async function wake(vault: Vault): Promise<void> {
  if ((await vault.state()) !== 'locked') return;
  const kinds = (await vault.slots()).map(({ kind }) => kind);
  // what goes wrong here is told to whoever unlocks it by hand
  const attempt = async (slot: Parameters<Vault['unlock']>[0]): Promise<boolean> =>
    vault.unlock(slot).then(
      () => true,
      () => false,
    );
  if (kinds.includes('device') && (await attempt(deviceSlot()))) return;
  if (kinds.includes('split') && (await isSignedInAtTheWorker())) await attempt(splitSlot(edgeKeyHalf()));
}

async function isSignedInAtTheWorker(): Promise<boolean> {
  const session = (await askWorker('/auth/session').catch(() => undefined)) as { signedIn?: boolean } | undefined;
  return session?.signedIn === true;
}

async function openTransactions(): Promise<OneTimeStore> {
  const backend = indexedDbBackend({ name: 'tokenkeep-login-records' });
  const vault = openVault({ name: 'tokenkeep-login', backend });
  const state = await vault.state();
  // a sign-in that was under way cannot be finished then, and another one can begin
  if (state === 'lost' || state === 'evicted') await vault.reset();
  await vault.open(deviceSlot());
  return new OneTimeStore({ backend, keyring: vault.keyring, collection: 'login' });
}
