import { toBase64url } from '../core/base64url.ts';
import { importRoot } from './import-root.ts';

/**
 * Makes a new keyring setting with one random key, ready to be stored as a secret.
 *
 * @returns JSON text. It is a secret: whoever has it reads every token.
 */
export async function generateKeyring(): Promise<string> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const { keyId } = await importRoot(bytes);
  const keys = [{ kid: keyId, k: toBase64url(bytes), status: 'enabled' }];
  bytes.fill(0);
  return JSON.stringify({ v: 1, primary: keyId, index: keyId, keys });
}
