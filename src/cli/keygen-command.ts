import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { fileError } from '../backends/node/file-error.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { generateKeyring } from '../crypto/generate-keyring.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';

const help = `
The keyring is a secret: whoever has it reads every token, and without it nobody does. Give it to the program that keeps
the tokens, and keep a copy where backups of the database do not lie, such as a password manager.

${exitCodeHelp('storage')}
Examples:
  tokenkeep keygen | npx wrangler secret put TOKENKEEP_KEYRING      of a Worker
  tokenkeep keygen --keyring keyring.json                           a file, to be changed with tokenkeep keys
  npx wrangler secret put TOKENKEEP_KEYRING < keyring.json
`;

/** `tokenkeep keygen`. Ends the process with one of {@link exitCode}. */
export function keygenCommand(): Command {
  return new Command('keygen')
    .summary('make a keyring')
    .description('Makes a keyring with one random key. It goes to standard output, as JSON, and nothing else does.')
    .option('--keyring <file>', 'make a file of it instead, which its owner alone may read')
    .option('--json', 'with --keyring: print the id of the key as JSON')
    .addHelpText('after', help)
    .action(({ keyring: file, json = false }: { readonly keyring?: string; readonly json?: boolean }) =>
      conclude(json, async () => {
        const setting = await generateKeyring();
        if (file === undefined) print(setting);
        else {
          make(file, setting);
          const keys = (await importKeyring(setting)).info();
          if (json) writeJson({ keys });
          else process.stdout.write(`Made a keyring with key ${keys[0]?.keyId}. Keep a copy of it.\n`);
        }
        return exitCode.done;
      }),
    );
}

/** Ends with a new line where a person reads it; a program gets the keyring alone. */
function print(setting: string): void {
  if (!process.stdout.isTTY) process.stdout.write(setting);
  else {
    process.stdout.write(`${setting}\n`);
    process.stderr.write(
      'This is a secret, and now on your screen. Better: tokenkeep keygen | npx wrangler secret put TOKENKEEP_KEYRING\n',
    );
  }
}

function make(file: string, setting: string): void {
  try {
    writeFileSync(file, `${setting}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new TokenkeepError(
        'E_CONFIG',
        '--keyring: the file is there already, and may hold the only key of your tokens; choose another name',
      );
    }
    const { code, message } = fileError(error);
    throw new TokenkeepError(code, `--keyring: ${message}`);
  }
}
