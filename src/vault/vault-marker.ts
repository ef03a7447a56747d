/** Remembers that there was a vault, where the browser may keep it longer than the vault: in `localStorage`. */
export interface VaultMarker {
  isSet(): boolean;
  set(): void;
  remove(): void;
}

/** The marker of a vault. Without `localStorage`, or where the browser forbids it, there never is one. */
export function vaultMarker(name: string): VaultMarker {
  const key = `tokenkeep-vault:${name}`;
  const attempt = <Result>(work: (storage: Storage) => Result): Result | undefined => {
    try {
      return work(globalThis.localStorage);
    } catch {
      return undefined;
    }
  };
  return {
    isSet: () => typeof attempt((storage) => storage.getItem(key)) === 'string',
    set: () => attempt((storage) => storage.setItem(key, '1')),
    remove: () => attempt((storage) => storage.removeItem(key)),
  };
}
