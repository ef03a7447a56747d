import { text } from 'node:stream/consumers';
import type { KeyInfo } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { changeKeyring, type KeyringChange } from '../crypto/change-keyring.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import { about } from './about.ts';
import { readKeyringFile, replaceKeyringFile } from './keyring-file.ts';

/** A keyring that commands look at and change: in a file, or from standard input to standard output. */
export interface OpenKeyring {
  readonly keys: readonly KeyInfo[];
  /** Tries a change. Nothing is written before `save` is called. */
  change(change: KeyringChange): Promise<{ readonly keys: readonly KeyInfo[]; save(): Promise<void> }>;
}

/** Whether the keyring goes to standard output, so that nothing else may. */
export function isPiped(file: string | undefined): file is '-' | undefined {
  return file === undefined || file === '-';
}

/**
 * Reads a keyring.
 *
 * @param file that of `--keyring`. Default standard input.
 * @throws `E_KEYRING` when it is malformed, without quoting it; `E_CONFIG` when it cannot be read.
 */
export async function openKeyring(file: string | undefined): Promise<OpenKeyring> {
  const setting = isPiped(file) ? await piped() : readKeyringFile(file);
  const infoOf = async (of: string) => (await about('--keyring', () => importKeyring(of))).info();
  return {
    keys: await infoOf(setting),
    async change(change) {
      const after = await about('--keyring', () => changeKeyring(setting, change));
      return {
        keys: await infoOf(after),
        async save() {
          if (!isPiped(file)) await replaceKeyringFile(file, setting, after);
          else process.stdout.write(process.stdout.isTTY ? `${after}\n` : after);
        },
      };
    },
  };
}

function piped(): Promise<string> {
  if (!process.stdin.isTTY) return text(process.stdin);
  throw new TokenkeepError('E_CONFIG', '--keyring: name the file that holds the keyring, or pipe the keyring in');
}
