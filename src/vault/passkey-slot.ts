import type { Bytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { assertPasskey, createPasskey } from './passkey-prompt.ts';
import { prfInput } from './prf-input.ts';
import { slotKeyMaterial } from './slot-key-material.ts';
import type { SlotContext, SlotMethod, SlotRow } from './slot-method.ts';

/** What {@link passkeySlot} can be told. Everything but `rpId` is for making a passkey; opening needs none of it. */
export interface PasskeySlotOptions {
  /** The name of the site or application that the user is shown. Default: the host name of the page. */
  readonly rpName?: string;
  /** The name under which the user finds the passkey again, such as his e-mail address. Default: `rpName`. */
  readonly userName?: string;
  /** The user's name as he writes it himself. Default: `userName`. */
  readonly displayName?: string;
  /** A name of the slot for lists, such as that of the device. It is stored readable. Default: none. */
  readonly label?: string;
  /** The domain that the passkey is for: the page's, or one above it. Default: the host name of the page. */
  readonly rpId?: string;
}

/**
 * Opens the vault for whoever has a passkey and proves it with a fingerprint, face or PIN: by WebAuthn's PRF, of which the
 * authenticator gives a value for this vault alone. Whoever copies the browser's files has nothing without the authenticator. A
 * passkey that is synced is as safe as the account it is synced with; one of a security key or of Windows Hello is on that device
 * alone, so that a second slot is wise.
 *
 * Browsers want a click or key press of the user before they ask. The passkey has nothing to do with signing in.
 *
 * What its calls reject with: `E_CANCELLED` when the user cancels, does not answer in time, or has no fitting passkey here;
 * `E_PRF` when the authenticator gives no value, or has not verified the user; `E_CONFLICT` for a new passkey on an authenticator
 * that has one of this vault; `E_PASSKEY` when another one answered; `E_CONFIG` when `rpId` does not fit the page; `E_UNSUPPORTED`
 * where there is no WebAuthn.
 */
export function passkeySlot(options: PasskeySlotOptions = {}): SlotMethod {
  const { label, rpId } = options;
  return {
    kind: 'passkey',
    async enrol({ storeId, rows }) {
      const input = await prfInput(storeId);
      const { id, transports, secret } = await createPasskey({ ...options, input, exclude: credentialsOf(rows) });
      const credential = { id, transports };
      // some browsers give the value only when asked a second time
      const output = secret ?? (await assertPasskey({ rpId, input, allow: [credential] })).secret;
      return { ikm: await materialOf(output), credential, ...(label !== undefined && { label }) };
    },
    async recall({ storeId, rows }) {
      const allow = credentialsOf(rows);
      const answer = await assertPasskey({ rpId, input: await prfInput(storeId), allow });
      const row = rows.find(({ credential }) => `${credential?.id}` === `${answer.id}`);
      if (row === undefined) throw notOurs();
      return { row, ikm: await materialOf(answer.secret) };
    },
    mismatch: notOurs,
  };
}

const credentialsOf = (rows: SlotContext['rows']): readonly NonNullable<SlotRow['credential']>[] =>
  rows.flatMap(({ credential }) => credential ?? []);

const notOurs = (): TokenkeepError =>
  new TokenkeepError(
    'E_PASSKEY',
    'this passkey is not one of the vault; choose another one, or open it in another way',
  );

async function materialOf(secret: Bytes | undefined): Promise<WebCryptoKey> {
  if (secret?.length !== 32) {
    throw new TokenkeepError('E_PRF', 'this passkey or browser cannot derive a key; use another one, or a passphrase');
  }
  return slotKeyMaterial(secret);
}
