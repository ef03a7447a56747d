import type { Keyring } from '../../src/core/keyring.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';

/** A keyring that can be locked, as a vault's can. */
export interface LockableKeyring {
  readonly keyring: Keyring;
  lock(): void;
  unlock(): void;
}

export function lockableKeyring(keyring: Keyring): LockableKeyring {
  let locked = false;
  const unlocked = (): Keyring => {
    if (locked) throw new TokenkeepError('E_LOCKED', 'the vault is locked; unlock it and repeat');
    return keyring;
  };
  return {
    keyring: {
      sealingRoot: () => unlocked().sealingRoot(),
      openingRoot: (keyId) => unlocked().openingRoot(keyId),
      indexRoots: () => unlocked().indexRoots(),
      info: () => keyring.info(),
    },
    lock: () => {
      locked = true;
    },
    unlock: () => {
      locked = false;
    },
  };
}
