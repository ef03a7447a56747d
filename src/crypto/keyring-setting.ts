import { fromBase64url } from '../core/base64url.ts';
import type { Bytes } from '../core/bytes.ts';
import type { KeyStatus } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** A keyring setting, read but not imported. */
export interface KeyringSetting {
  readonly primary: string;
  readonly index: string;
  readonly keys: readonly { readonly keyId: string; readonly bytes: Bytes; readonly status: KeyStatus }[];
}

const refused = (what: string): TokenkeepError =>
  new TokenkeepError('E_KEYRING', `the keyring ${what}; set it to what generateKeyring() printed`);

/** The properties of an object, which must be exactly the named ones: a misspelt property is not silently ignored. */
function propertiesOf(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused('is not of the documented shape');
  const found = Object.keys(value);
  if (found.length !== names.length || !names.every((name) => found.includes(name))) {
    throw refused('has missing or unknown properties');
  }
  return value as Record<string, unknown>;
}

const isKeyId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{8}$/.test(value);
const isStatus = (value: unknown): value is KeyStatus =>
  value === 'pending' || value === 'enabled' || value === 'disabled';

/**
 * Reads a keyring setting strictly (specification §7).
 *
 * @throws `E_KEYRING`, with a sentence that never quotes the setting.
 */
export function readKeyringSetting(setting: string): KeyringSetting {
  let json: unknown;
  try {
    json = JSON.parse(setting);
  } catch {
    throw refused('is not JSON'); // the engine's own message would quote its input
  }
  const { v, primary, index, keys } = propertiesOf(json, ['v', 'primary', 'index', 'keys']);
  if (v !== 1) throw refused('is of an unknown version');
  if (!isKeyId(primary) || !isKeyId(index)) throw refused('has a malformed primary or index key id');
  if (!Array.isArray(keys) || keys.length === 0) throw refused('has no keys');
  // of a property that is there twice JSON.parse keeps the last one: which primary was meant?
  if (JSON.stringify(json) !== setting.replace(/\s+/g, '')) throw refused('names a property twice');
  return {
    primary,
    index,
    keys: keys.map((entry: unknown) => {
      const { kid, k, status } = propertiesOf(entry, ['kid', 'k', 'status']);
      const bytes = typeof k === 'string' ? fromBase64url(k) : undefined;
      if (!isKeyId(kid)) throw refused('has a key with a malformed id');
      if (!isStatus(status)) throw refused('has a key with an unknown status');
      if (bytes === undefined) throw refused('has a key that is not canonical base64url');
      return { keyId: kid, bytes, status };
    }),
  };
}
