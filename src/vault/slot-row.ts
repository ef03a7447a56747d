import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { readSlotHeader } from './slot-blob.ts';
import type { SlotInfo, SlotKind, SlotRow } from './slot-method.ts';

const kinds: readonly SlotKind[] = ['session', 'device', 'passphrase', 'passkey', 'recovery', 'split'];
/** The kinds that open by a key that is kept beside the slot. */
const secretKinds: readonly SlotKind[] = ['session', 'device', 'split'];

/** The kind of the slot that an id names. */
export function slotKindOf(id: unknown): SlotKind | undefined {
  const name = typeof id === 'string' ? id.split('/', 1)[0] : undefined;
  const kind = kinds.find((candidate) => candidate === name);
  // passkeys have a name of their own behind their kind, and nothing else has
  return (kind === 'passkey') === (kind !== id) ? kind : undefined;
}

/**
 * Reads what is stored in place of a slot. The database is not believed: the result is of the right form, and no more.
 *
 * @returns `undefined` for what is no slot.
 */
export function readSlotRow(value: unknown): SlotRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, kind, createdAt, label, blob, credential, secret } = value as { readonly [name: string]: unknown };
  if (kind === undefined || kind !== slotKindOf(id) || !(blob instanceof Uint8Array)) return undefined;
  if (typeof createdAt !== 'number' || (label !== undefined && typeof label !== 'string')) return undefined;
  const passkey = readCredential(credential);
  if (kind === 'passkey' && passkey === undefined) return undefined;
  return {
    id: id as string,
    kind: kind as SlotKind,
    createdAt,
    blob: blob.slice() as SlotRow['blob'],
    ...(label !== undefined && { label }),
    ...(passkey && { credential: passkey }),
    ...(isSecret(secret) && { secret }),
  };
}

function readCredential(value: unknown): SlotRow['credential'] {
  const { id, transports } = (value ?? {}) as { readonly [name: string]: unknown };
  if (!(id instanceof Uint8Array) || id.length === 0 || id.length > 1023) return undefined;
  if (!Array.isArray(transports) || transports.length > 8) return undefined;
  const texts = transports.filter((transport) => typeof transport === 'string');
  return { id: id.slice() as SlotRow['blob'], transports: texts };
}

function isSecret(value: unknown): value is WebCryptoKey {
  return (
    value instanceof CryptoKey &&
    !value.extractable &&
    value.algorithm.name === 'HKDF' &&
    value.usages.includes('deriveBits') &&
    value.usages.includes('deriveKey')
  );
}

/** Whether a slot can open at all, given what its user knows or has. One of a later format counts: that release can open it. */
export function isSlotUsable({ kind, blob, secret }: SlotRow): boolean {
  if (secret === undefined && secretKinds.includes(kind)) return false;
  try {
    readSlotHeader(kind, blob);
    return true;
  } catch (error) {
    return error instanceof TokenkeepError && error.code === 'E_VERSION';
  }
}

/** What may be shown about a slot. */
export function slotInfo({ id, kind, createdAt, label }: SlotRow): SlotInfo {
  return { id, kind, createdAt, ...(label !== undefined && { label }) };
}
