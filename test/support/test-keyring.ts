import type { Keyring, KeyStatus, RootKey } from '../../src/core/keyring.ts';
import { createKeyring } from '../../src/crypto/create-keyring.ts';
import { importRoot } from '../../src/crypto/import-root.ts';

/** A root made of random bytes. */
export const randomRoot = (): Promise<RootKey> => importRoot(crypto.getRandomValues(new Uint8Array(32)));

/** A keyring of new random roots; the first one is primary for sealing and for lookups. */
export async function testKeyring(...others: readonly KeyStatus[]): Promise<Keyring> {
  const roots = [];
  for (const status of ['enabled' as const, ...others]) roots.push({ ...(await randomRoot()), status });
  const primary = (roots[0] as RootKey).keyId;
  return createKeyring({ roots, primary, primaryIndex: primary });
}

/** A keyring of given roots, the first one primary for sealing, `index` (default: the same) for lookups. */
export function keyringOf(roots: readonly (RootKey & { readonly status?: KeyStatus })[], index?: RootKey): Keyring {
  const primary = (roots[0] as RootKey).keyId;
  return createKeyring({
    roots: roots.map((root) => ({ status: 'enabled', ...root })),
    primary,
    primaryIndex: index?.keyId ?? primary,
  });
}
