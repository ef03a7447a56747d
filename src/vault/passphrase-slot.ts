import { isWellFormed } from '../core/is-well-formed.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { encodeText } from '../crypto/encode-text.ts';
import { iterationLimits, passphraseIterations, passphraseKey } from './passphrase-key.ts';
import { readSlotHeader } from './slot-blob.ts';
import type { SlotMethod, SlotRow } from './slot-method.ts';

/** What {@link passphraseSlot} can be told. */
export interface PassphraseSlotOptions {
  /**
   * How often PBKDF2 is to iterate when the slot is made, 600,000 to 10,000,000. Default: as often as takes this computer 250 to
   * 500 ms, and at least 600,000 times. To open a slot takes as often as it was made with.
   */
  readonly iterations?: number;
}

const longest = 4096;

/**
 * Opens the vault for whoever knows a passphrase: by PBKDF2-SHA-256 of its UTF-8 in normal form NFKC, so that it may be typed on
 * any keyboard. Whoever copies the browser's files can only guess, as fast as his computers are: how good the passphrase is
 * decides.
 *
 * @throws `E_INPUT` when the passphrase is empty, has more than 4096 bytes or is malformed, or when the iterations are out of
 * bounds.
 */
export function passphraseSlot(passphrase: string, { iterations }: PassphraseSlotOptions = {}): SlotMethod {
  const { least, most } = iterationLimits;
  if (typeof passphrase !== 'string' || passphrase === '') {
    throw new TokenkeepError('E_INPUT', 'the passphrase is empty; ask for one');
  }
  if (iterations !== undefined && !(Number.isInteger(iterations) && iterations >= least && iterations <= most)) {
    throw new TokenkeepError('E_INPUT', `the iterations are out of bounds; take ${least} to ${most}, or none`);
  }
  // before it is normalised: some engines make other characters of a lone surrogate then
  if (!isWellFormed(passphrase)) {
    throw new TokenkeepError('E_INPUT', 'the passphrase holds a lone surrogate; ask for well-formed text');
  }
  const bytes = encodeText(passphrase.normalize('NFKC'), longest, 'the passphrase');
  return {
    kind: 'passphrase',
    async enrol(_context, salt) {
      const param = iterations ?? (await passphraseIterations());
      return { param, ikm: await passphraseKey(bytes, salt, param) };
    },
    async recall({ rows }) {
      const row = rows[0] as SlotRow;
      const { param, salt } = readSlotHeader('passphrase', row.blob);
      return { row, ikm: await passphraseKey(bytes, salt, param) };
    },
    mismatch: () => new TokenkeepError('E_PASSPHRASE', 'this is not the passphrase of the vault; try again'),
  };
}
