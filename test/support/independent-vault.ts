import { createCipheriv, createDecipheriv, createHash, hkdfSync, pbkdf2Sync } from 'node:crypto';

/*
 * A second implementation of the vault's part of the storage format, written from docs/storage-format.md on node:crypto alone. It
 * shares no line with src/, so that the two can only agree by following the same text.
 */

/** The keyring of a vault as far as it is stored in the clear. */
export interface VaultState {
  storeId: string;
  revision: number;
  primary: string;
  index: string;
  keys: { keyId: string; status: string }[];
}

const empty = Buffer.alloc(0);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const hkdf = (ikm: Buffer, salt: Buffer, info: Buffer): Buffer => Buffer.from(hkdfSync('sha256', ikm, salt, info, 32));

function be(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - width);
}

function seal(key: Buffer, iv: Buffer, aad: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, iv: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

/** What a passphrase gives. */
export function passphraseMaterial(passphrase: string, salt: Buffer, iterations: number): Buffer {
  return pbkdf2Sync(Buffer.from(passphrase.normalize('NFKC')), salt, iterations, 32, 'sha256');
}

/** What the symbols of a recovery code give, and the two that have to follow them. */
export function recoveryMaterial(symbols: string): { material: Buffer; check: string } {
  const alphabet = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
  const sum = [...symbols].reduce((total, symbol, i) => total + (i + 1) * alphabet.indexOf(symbol), 0) % 1021;
  return { material: Buffer.from(symbols), check: `${alphabet[Math.floor(sum / 32)]}${alphabet[sum % 32]}` };
}

/** What passkeys are asked for. */
export function passkeyInput(storeId: string): Buffer {
  return createHash('sha256').update('tokenkeep/v1/prf').update(hex(storeId)).digest();
}

/** Writes a slot. */
export function writeSlot(
  { type, param, salt, iv }: { type: number; param: number; salt: Buffer; iv: Buffer },
  material: Buffer,
  edgeHalf: Buffer,
  masterKey: Buffer,
): Buffer {
  const header = Buffer.concat([Buffer.from([1, type]), be(param, 4), salt, iv]);
  const { key, commitment } = slotKeys(header, material, edgeHalf);
  return Buffer.concat([header, commitment, seal(key, iv, header, masterKey)]);
}

/** Reads the master key of a slot; throws when it does not open. */
export function readSlot(slot: Buffer, material: Buffer, edgeHalf: Buffer = empty): Buffer {
  if (slot.length !== 130 || slot[0] !== 1) throw new Error('no slot');
  const header = slot.subarray(0, 50);
  const { key, commitment } = slotKeys(header, material, edgeHalf);
  if (!commitment.equals(slot.subarray(50, 82))) throw new Error('commitment');
  return open(key, slot.subarray(38, 50), header, slot.subarray(82));
}

function slotKeys(header: Buffer, material: Buffer, edgeHalf: Buffer): { key: Buffer; commitment: Buffer } {
  const derive = (part: number) =>
    hkdf(material, edgeHalf, Buffer.concat([Buffer.from('tokenkeep/v1/slt'), Buffer.from([part]), header]));
  return { key: derive(1), commitment: derive(2) };
}

/** All that is stored of a keyring in the clear. */
export function vaultStateBytes({ storeId, revision, primary, index, keys }: VaultState): Buffer {
  const statuses = ['pending', 'enabled', 'disabled'];
  const listed = keys.map(({ keyId, status }) => Buffer.concat([hex(keyId), Buffer.from([statuses.indexOf(status)])]));
  return Buffer.concat([hex(storeId), be(revision, 8), hex(primary), hex(index), be(keys.length, 2), ...listed]);
}

const wrappingKey = (masterKey: Buffer): Buffer => hkdf(masterKey, empty, Buffer.from('tokenkeep/v1/wrp'));

/** Writes a wrapped root. */
export function writeRoot(masterKey: Buffer, state: VaultState, keyId: string, iv: Buffer, root: Buffer): Buffer {
  const header = Buffer.concat([Buffer.from([1, 2]), hex(keyId), iv]);
  const aad = Buffer.concat([header, vaultStateBytes(state)]);
  return Buffer.concat([header, seal(wrappingKey(masterKey), iv, aad, root)]);
}

/** Reads a wrapped root; throws when it does not open. */
export function readRoot(masterKey: Buffer, state: VaultState, wrapped: Buffer): Buffer {
  if (wrapped.length !== 66 || wrapped[0] !== 1 || wrapped[1] !== 2) throw new Error('no wrapped root');
  const header = wrapped.subarray(0, 18);
  const aad = Buffer.concat([header, vaultStateBytes(state)]);
  return open(wrappingKey(masterKey), wrapped.subarray(6, 18), aad, wrapped.subarray(18));
}
