import type { KeyInfo, Keyring, KeyStatus, RootKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** What a keyring is made of. */
export interface KeyringParts {
  readonly roots: readonly (RootKey & { readonly status: KeyStatus })[];
  /** The id of the root that seals. */
  readonly primary: string;
  /** The id of the root that new lookups are made with. */
  readonly primaryIndex: string;
}

const malformed = (what: string): TokenkeepError =>
  new TokenkeepError('E_KEYRING', `the keyring ${what}; compare it with the one you generated`);

/**
 * A keyring of imported roots, with the states of specification §7.
 *
 * @throws `E_KEYRING` when two roots are the same, or when the primary ones are missing or not enabled.
 */
export function createKeyring({ roots, primary, primaryIndex }: KeyringParts): Keyring {
  const byId = new Map(roots.map((root) => [root.keyId, root]));
  if (byId.size !== roots.length) throw malformed('holds the same key twice');
  const sealing = byId.get(primary);
  const indexing = byId.get(primaryIndex);
  if (sealing?.status !== 'enabled') throw malformed('names a primary key that is not one of its enabled keys');
  if (indexing?.status !== 'enabled') throw malformed('names an index key that is not one of its enabled keys');
  const index: [RootKey, ...RootKey[]] = [indexing];
  for (const root of roots) if (root !== indexing && root.status !== 'disabled') index.push(root);
  return {
    sealingRoot: () => sealing,
    openingRoot(keyId) {
      const root = byId.get(keyId);
      if (root === undefined) {
        throw new TokenkeepError('E_KEY_UNKNOWN', `key ${keyId} is not in the keyring; add it, or restore the record`);
      }
      if (root.status === 'disabled') {
        throw new TokenkeepError('E_KEY_DISABLED', `key ${keyId} is disabled; enable it to read this record`);
      }
      return root;
    },
    indexRoots: () => index,
    info: () =>
      roots.map(
        ({ keyId, status }): KeyInfo => ({
          keyId,
          status,
          primary: keyId === primary,
          primaryIndex: keyId === primaryIndex,
        }),
      ),
  };
}
