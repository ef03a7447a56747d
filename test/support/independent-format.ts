import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/** Where an envelope belongs, as docs/storage-format.md lists it. */
export interface FormatContext {
  schema: number;
  tenant: string;
  collection: string;
  id: string;
  revision: number;
  expiresAt: number;
}

/*
 * A second implementation of the storage format, written from docs/storage-format.md on node:crypto alone. It shares no line
 * with src/, so that the two can only agree by following the same text.
 */

const be = (value: number, width: number): Buffer =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(width * 2, '0'),
    'hex',
  );
const lp16 = (text: string): Buffer => Buffer.concat([be(Buffer.byteLength(text), 2), Buffer.from(text)]);
const hkdf = (root: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', root, salt, info, length));

function aadOf(header: Buffer, context: FormatContext): Buffer {
  return Buffer.concat([
    header,
    Buffer.from([1, 1]),
    be(context.schema, 2),
    lp16(context.tenant),
    lp16(context.collection),
    lp16(context.id),
    be(context.revision, 8),
    be(context.expiresAt, 8),
  ]);
}

/** The key id of a root. */
export function keyIdOf(root: Buffer): string {
  return hkdf(root, Buffer.alloc(0), Buffer.from('tokenkeep/v1/kid'), 4).toString('hex');
}

/** The whole blind-index MAC of a field, before it is cut to 16 bytes. */
export function indexOf(root: Buffer, tenant: string, field: string, value: string): Buffer {
  const key = hkdf(root, Buffer.alloc(0), Buffer.concat([Buffer.from('tokenkeep/v1/idx'), lp16(field)]), 32);
  const bytes = Buffer.from(value);
  return createHmac('sha256', key)
    .update(Buffer.concat([lp16(tenant), be(bytes.length, 4), bytes]))
    .digest();
}

/** Writes an envelope with a given salt and IV. */
export function writeEnvelope(root: Buffer, salt: Buffer, iv: Buffer, context: FormatContext, payload: Buffer): Buffer {
  const header = Buffer.concat([Buffer.from([1, 1]), Buffer.from(keyIdOf(root), 'hex'), salt, iv]);
  const aad = aadOf(header, context);
  const okm = hkdf(root, salt, Buffer.concat([Buffer.from('tokenkeep/v1/rec'), aad]), 64);
  const padded = Buffer.alloc(payload.length + 256 - (payload.length % 256));
  payload.copy(padded);
  padded[payload.length] = 0x80;
  const cipher = createCipheriv('aes-256-gcm', okm.subarray(0, 32), iv, { authTagLength: 16 });
  cipher.setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(padded), cipher.final()]);
  return Buffer.concat([header, okm.subarray(32), ciphertext, cipher.getAuthTag()]);
}

/** Reads an envelope; throws when it does not open. */
export function readEnvelope(root: Buffer, context: FormatContext, envelope: Buffer): Buffer {
  if (envelope.length < 83 || envelope[0] !== 1 || envelope[1] !== 1) throw new Error('no envelope');
  if (envelope.toString('hex', 2, 6) !== keyIdOf(root)) throw new Error('another key');
  const header = envelope.subarray(0, 34);
  const aad = aadOf(header, context);
  const okm = hkdf(root, envelope.subarray(6, 22), Buffer.concat([Buffer.from('tokenkeep/v1/rec'), aad]), 64);
  if (!okm.subarray(32).equals(envelope.subarray(34, 66))) throw new Error('commitment');
  const decipher = createDecipheriv('aes-256-gcm', okm.subarray(0, 32), envelope.subarray(22, 34), {
    authTagLength: 16,
  });
  decipher.setAAD(aad);
  decipher.setAuthTag(envelope.subarray(-16));
  const padded = Buffer.concat([decipher.update(envelope.subarray(66, -16)), decipher.final()]);
  const end = padded.lastIndexOf(0x80);
  if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('padding');
  return padded.subarray(0, end);
}
