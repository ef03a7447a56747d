import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { concat } from '../crypto/concat.ts';
import { labels } from '../crypto/labels.ts';
import { uint } from '../crypto/uint.ts';
import { iterationLimits } from './passphrase-key.ts';
import { type SealedKeyUse, sealKey, unsealKey } from './sealed-key.ts';
import type { SlotKind, SlotSecret } from './slot-method.ts';

/** What the header of a slot says. Nothing of it is authenticated before the slot was opened. */
export interface SlotHeader {
  /** PBKDF2's iterations, else 0. */
  readonly param: number;
  /** 32 random bytes. */
  readonly salt: Bytes;
}

const version = 1;
const at = { salt: 6, iv: 38, commitment: 50, wrapped: 82, end: 130 } as const;
const label = new TextEncoder().encode(labels.slot);

/** A session's slot is never stored; in memory it looks as a device's does. */
const types: { readonly [K in SlotKind]: number } = {
  session: 4,
  passphrase: 3,
  device: 4,
  passkey: 5,
  recovery: 7,
  split: 8,
};

const malformed = (): TokenkeepError =>
  new TokenkeepError('E_FORMAT', 'the stored slot is not one of this kind; open the vault in another way, or reset it');

/**
 * Takes the header of a slot apart without touching a key.
 *
 * @throws `E_FORMAT` when length, type or parameter cannot be those of a slot of this kind: whoever can write the database must
 * not make us work for hours, or for nothing. `E_VERSION` when the version is unknown.
 */
export function readSlotHeader(kind: SlotKind, blob: Bytes): SlotHeader {
  if (blob[0] !== undefined && blob[0] > version) {
    throw new TokenkeepError('E_VERSION', 'the slot was made in an unknown format; update tokenkeep to open it');
  }
  if (blob.length !== at.end || blob[0] !== version || blob[1] !== types[kind]) throw malformed();
  const param = new DataView(blob.buffer, blob.byteOffset).getUint32(2);
  const { least, most } = kind === 'passphrase' ? iterationLimits : { least: 0, most: 0 };
  if (param < least || param > most) throw malformed();
  return { param, salt: blob.slice(at.salt, at.iv) };
}

/**
 * Wraps a master key. Three Web Crypto calls.
 *
 * @param masterKey as an extractable key; its bytes never are in script.
 * @returns the 130 bytes of the slot.
 */
export async function sealSlot(
  kind: SlotKind,
  masterKey: WebCryptoKey,
  secret: SlotSecret,
  { param, salt }: SlotHeader,
): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(at.commitment - at.iv));
  const header = concat(version, types[kind], uint(param, 4), salt, iv);
  const [key, commitment] = [await slotKey(secret, header, 'wrapKey'), await commitmentOf(secret, header)];
  return concat(header, commitment, await sealKey(masterKey, key, iv, header));
}

/**
 * Unwraps the master key of a slot. Three Web Crypto calls, or one when the secret is another one.
 *
 * @returns `undefined` when the secret is not the one of this slot.
 * @throws `E_AUTH` when the slot was altered; {@link readSlotHeader}'s errors.
 */
export async function openSlot(
  kind: SlotKind,
  blob: Bytes,
  secret: SlotSecret,
  use: SealedKeyUse,
): Promise<WebCryptoKey | undefined> {
  readSlotHeader(kind, blob);
  const header = blob.slice(0, at.commitment);
  if (!equalBytes(await commitmentOf(secret, header), blob.subarray(at.commitment, at.wrapped))) return undefined;
  const key = await slotKey(secret, header, 'unwrapKey');
  const masterKey = await unsealKey(blob.slice(at.wrapped), key, header.slice(at.iv), header, use);
  if (masterKey !== undefined) return masterKey;
  throw new TokenkeepError('E_AUTH', 'the stored slot was altered; open the vault in another way, or reset it');
}

const derivation = ({ salt = new Uint8Array() }: SlotSecret, header: Bytes, part: 1 | 2): HkdfParams => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt,
  info: concat(label, part, header),
});

function slotKey(secret: SlotSecret, header: Bytes, usage: 'wrapKey' | 'unwrapKey'): Promise<WebCryptoKey> {
  const wanted = { name: 'AES-GCM', length: 256 };
  return crypto.subtle.deriveKey(derivation(secret, header, 1), secret.ikm, wanted, false, [usage]);
}

async function commitmentOf(secret: SlotSecret, header: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.deriveBits(derivation(secret, header, 2), secret.ikm, 256));
}
