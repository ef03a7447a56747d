import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { OpenKeys } from './open-keys.ts';
import type { VaultEvent } from './vault.ts';

/** Why a vault was locked. */
export type LockReason = Extract<VaultEvent, { readonly type: 'locked' }>['because'];

/** Holds the keys of an unlocked vault, and lets go of them. */
export interface KeyLock {
  /** @throws `E_LOCKED` when there are none, or the time is up: a timer may be late, and counts for nothing then. */
  current(): OpenKeys;
  isUnlocked(): boolean;
  /** How often it was locked. What began before must not unlock it afterwards. */
  times(): number;
  /** @throws `E_LOCKED` when it was locked since `times`. */
  unlock(keys: OpenKeys, times: number): void;
  /** Takes later keys of the same vault. Does nothing with earlier ones, and while it is locked. */
  replace(keys: OpenKeys): void;
  /** @returns whether there was anything to lock. */
  lock(because: LockReason): boolean;
  /** The user did something at this instant, in epoch milliseconds. @returns whether the end has moved. */
  touch(at: number): boolean;
  locksAt(): number | undefined;
  /** Takes another {@link KeyLockOptions.idleMs}, counted from now. @throws `E_CONFIG` as {@link keyLock} does. */
  lockAfter(idleMs: number | undefined): void;
}

/** Settings of {@link keyLock}. */
export interface KeyLockOptions {
  readonly idleMs: number | undefined;
  readonly now: () => number;
  readonly onLocked: (because: LockReason) => void;
}

/** A timer of browsers takes no longer time than this. */
const longestMs = 2 ** 31 - 1;

/** @throws `E_CONFIG` when the time is not one that a timer can wait for. */
export function keyLock({ idleMs: firstIdleMs, now, onLocked }: KeyLockOptions): KeyLock {
  let idleMs = checkedIdle(firstIdleMs);
  let held: OpenKeys | undefined;
  let times = 0;
  let locksAt: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const lock = (because: LockReason): boolean => {
    times++;
    const wasHeld = held !== undefined;
    held = undefined;
    locksAt = undefined;
    clearTimeout(timer);
    if (wasHeld) onLocked(because);
    return wasHeld;
  };
  const wait = (until: number): void => {
    locksAt = until;
    clearTimeout(timer);
    timer = setTimeout(() => lock('idle'), Math.max(until - now(), 0));
  };
  const present = (): OpenKeys | undefined => {
    if (locksAt !== undefined && now() >= locksAt) lock('idle');
    return held;
  };
  const locked = (): TokenkeepError =>
    new TokenkeepError('E_LOCKED', 'the vault is locked, or was locked meanwhile; unlock it, then repeat');

  return {
    current() {
      const keys = present();
      if (keys === undefined) throw locked();
      return keys;
    },
    isUnlocked: () => present() !== undefined,
    times: () => times,
    unlock(keys, since) {
      if (times !== since) throw locked();
      held = keys;
      if (idleMs !== undefined) wait(now() + idleMs);
    },
    replace(keys) {
      const { storeId, revision } = present()?.row ?? {};
      if (keys.row.storeId === storeId && keys.row.revision >= (revision ?? 0)) held = keys;
    },
    lock,
    touch(at) {
      if (idleMs === undefined || present() === undefined) return false;
      const until = Math.min(at, now()) + idleMs;
      // moving the end for each movement of the pointer would be work for nothing
      if (until - (locksAt ?? 0) < Math.min(1000, idleMs / 10)) return false;
      wait(until);
      return true;
    },
    locksAt: () => (present() === undefined ? undefined : locksAt),
    lockAfter(next) {
      // what should have locked by now does, whatever the next time is
      const isHeld = present() !== undefined;
      idleMs = checkedIdle(next);
      locksAt = undefined;
      clearTimeout(timer);
      if (idleMs !== undefined && isHeld) wait(now() + idleMs);
    },
  };
}

function checkedIdle(idleMs: number | undefined): number | undefined {
  if (idleMs === undefined || (idleMs > 0 && idleMs <= longestMs)) return idleMs;
  throw new TokenkeepError('E_CONFIG', 'set idleMs to milliseconds above zero and below 25 days, or leave it out');
}
