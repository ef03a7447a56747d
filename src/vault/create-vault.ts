import type { Keyring } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { addKey, retireKey } from './change-keys.ts';
import { changePassphrase } from './change-passphrase.ts';
import { addSlot, removeSlot } from './change-slots.ts';
import { createFirstSlot } from './create-first-slot.ts';
import { keyLock } from './key-lock.ts';
import { refreshKeys } from './refresh-keys.ts';
import { rekeyVault } from './rekey-vault.ts';
import { resetVault, vaultLoss } from './reset-vault.ts';
import { slotInfo } from './slot-row.ts';
import { unlockSlot } from './unlock-slot.ts';
import type { Vault, VaultEvent, VaultOptions } from './vault.ts';
import { type VaultMessage, vaultChannel } from './vault-channel.ts';
import { vaultContent } from './vault-content.ts';
import { vaultMarker } from './vault-marker.ts';
import type { VaultParts } from './vault-parts.ts';
import { vaultPlace } from './vault-place.ts';
import type { VaultStorage } from './vault-storage.ts';
import { watchPage } from './watch-page.ts';

/** A vault over any storage. See {@link openVault}. */
export function createVault(options: VaultOptions & { readonly name: string }, durable: VaultStorage): Vault {
  const { name, backend, idleMs, now = Date.now } = options;
  const listeners = new Set<{ readonly listener: (event: VaultEvent) => void }>();
  let isClosed = false;
  let changes = 0;

  const emit = (event: VaultEvent): void => {
    for (const { listener } of [...listeners]) {
      try {
        listener(event);
      } catch {
        // its own affair: the others want to know as well
      }
    }
  };
  const lock = keyLock({ idleMs, now, onLocked: (because) => emit({ type: 'locked', because }) });
  const place = vaultPlace({ durable, backend, marker: vaultMarker(name) });
  const channel = vaultChannel(`tokenkeep-vault ${name}`, (message) => void hear(message));
  const parts: VaultParts = {
    backend,
    place,
    lock,
    now,
    changes: () => changes,
    emit,
    tell(type) {
      emit({ type });
      channel.tell({ type });
    },
  };

  async function hear(message: VaultMessage): Promise<void> {
    const { type } = message;
    if (type === 'active') {
      if (lock.touch(message.at)) emit({ type });
      return;
    }
    if (type === 'locked') {
      lock.lock('asked');
      return;
    }
    if (type === 'keys-changed') await readAgain();
    emit({ type });
  }
  async function readAgain(): Promise<void> {
    changes++;
    // what cannot be read now is read when a record names a key that is not there
    if (lock.isUnlocked()) await refreshKeys(parts).catch(() => undefined);
  }
  const touch = (): void => {
    const at = now();
    if (!lock.touch(at)) return;
    emit({ type: 'active' });
    channel.tell({ type: 'active', at });
  };
  const unwatch = watchPage({
    onLeave() {
      lock.lock('left');
      channel.pause();
    },
    onReturn() {
      channel.listen();
      void readAgain();
    },
    onActive: touch,
  });
  channel.listen();

  /** Does the work unless the vault is closed. */
  const use = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isClosed) throw new TokenkeepError('E_LOCKED', 'the vault was closed; open it anew with openVault()');
    return work();
  };
  const keyring: Keyring = {
    sealingRoot: () => lock.current().keyring.sealingRoot(),
    openingRoot: (keyId) => lock.current().keyring.openingRoot(keyId),
    indexRoots: () => lock.current().keyring.indexRoots(),
    info: () => (lock.isUnlocked() ? lock.current().keyring.info() : []),
    refresh: () => use(async () => void (await refreshKeys(parts))),
  };
  const vault: Vault = {
    keyring,
    get locksAt() {
      return lock.locksAt();
    },
    state: () =>
      use(async () => {
        const { state } = await place.find();
        if (state !== 'present') return state;
        return lock.isUnlocked() ? 'unlocked' : 'locked';
      }),
    create: (slot) => use(() => createFirstSlot(parts, slot, lock.times())),
    unlock: (slot) => use(() => unlockSlot(parts, slot, lock.times())),
    open: (slot) =>
      use(async () => {
        const times = lock.times();
        const { state } = await place.find();
        if (state === 'present' || state === 'lost') return unlockSlot(parts, slot, times);
        return createFirstSlot(parts, slot, times).catch((error: unknown) => {
          // another tab was faster
          if (error instanceof TokenkeepError && error.code === 'E_CONFLICT') return unlockSlot(parts, slot, times);
          throw error;
        });
      }),
    lock() {
      lock.lock('asked');
      channel.tell({ type: 'locked' });
    },
    touch,
    lockAfter(next) {
      lock.lockAfter(next);
      emit({ type: 'active' });
    },
    slots: () => use(async () => vaultContent(await place.storage().read()).slots.map(slotInfo)),
    addSlot: (slot, { by }) => use(() => addSlot(parts, slot, by)),
    removeSlot: (id) => use(() => removeSlot(parts, id)),
    changePassphrase: (current, next, { rotate = false } = {}) =>
      use(() => changePassphrase(parts, current, next, rotate)),
    rekey: ({ by, slots }) => use(() => rekeyVault(parts, by, slots)),
    keys: () => lock.current().keyring.info(),
    addKey: () => use(() => addKey(parts)),
    retireKey: (keyId) => use(() => retireKey(parts, keyId)),
    loss: () => use(() => vaultLoss(parts)),
    reset: () =>
      use(async () => {
        vault.lock();
        await resetVault(parts);
      }),
    subscribe(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    close() {
      isClosed = true;
      lock.lock('left');
      unwatch();
      channel.pause();
      listeners.clear();
    },
  };
  return vault;
}
