import { text } from 'node:stream/consumers';
import type { Keyring } from '../core/keyring.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import { about } from './about.ts';
import { readKeyringFile } from './keyring-file.ts';

/** The variable that a keyring belongs in. */
export const keyringVariable = 'TOKENKEEP_KEYRING';

/** Where a keyring is read from, for the help of a command. */
export const keyringHelp: string = `The keyring comes from ${keyringVariable}, or from a file that --keyring names; - is standard input.
`;

/**
 * The keyring that a command works with.
 *
 * @param file that of `--keyring`; `-` is standard input. Default the environment.
 * @throws `E_KEYRING` when it is missing or malformed, without quoting it.
 */
export function readKeyring(file: string | undefined): Promise<Keyring> {
  if (file === undefined) return about(keyringVariable, () => importKeyring(process.env[keyringVariable]));
  return about('--keyring', async () =>
    importKeyring(file === '-' ? await text(process.stdin) : readKeyringFile(file)),
  );
}
