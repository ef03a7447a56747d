import { Command, InvalidArgumentError } from 'commander';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { type PlaceSettings, placeHelp, withPlaceOptions } from './place-settings.ts';
import { keyringHelp, readKeyring } from './read-keyring.ts';
import { nextOf, rotationText } from './rotation-text.ts';
import { runRotation } from './run-rotation.ts';
import { withPlace } from './with-place.ts';

const help = `
Everything stays readable at every moment, and nothing but keys and revisions changes: run it beside your programs, end it
with Ctrl-C (or lose the connection, or the power) and run it again. Whoever saves a token meanwhile comes first.
A keyring that opens none of the records is refused; a record that does not open is counted and left as it is.

${keyringHelp}
${placeHelp}
How a key is changed; "tokenkeep keys --help" has it with all commands:
  1. keys add, give the keyring to every program, and wait some minutes until none has the old one
  2. keys promote, and give the keyring to every program
  3. rotate, in each place that keeps records
  4. keys retire, and when no backup needs the old key any more keys remove

${exitCodeHelp('skipped', 'storage', 'interrupted')}
Examples:
  tokenkeep rotate --in sqlite:tokens.db --keyring keyring.json
  tokenkeep rotate --in d1:DB --remote --keyring keyring.json
  pass show keyring | tokenkeep rotate --in 'mysql://crm@db/zohooauth?table=tokens' --keyring - --json
`;

interface RotateSettings extends PlaceSettings {
  readonly in: string;
  readonly keyring?: string;
  readonly batchSize: number;
  readonly json?: boolean;
}

/** `tokenkeep rotate`. Ends the process with one of {@link exitCode}. */
export function rotateCommand(): Command {
  return withPlaceOptions(
    new Command('rotate')
      .summary('seal every record that needs it with the new key')
      .description('Seals every record with the key that seals now, and makes its lookups with the present index key.')
      .requiredOption('--in <place>', 'where the records are')
      .option('--keyring <file>', 'the keyring (default: from the environment)')
      .option('--batch-size <records>', 'how many records are written together', batchSizeOf, 100),
  )
    .option('--json', 'print the report as JSON')
    .addHelpText('after', help)
    .action((settings: RotateSettings) => conclude(settings.json === true, () => rotate(settings)));
}

async function rotate({ in: place, keyring: file, batchSize, json, ...settings }: RotateSettings): Promise<number> {
  const keyring = await readKeyring(file);
  const report = await withPlace({ setting: '--in', place, settings, access: 'change' }, (backend) =>
    runRotation(backend, keyring, batchSize),
  );
  if (json) writeJson({ ...report, next: nextOf(report, keyring.info()) });
  else process.stdout.write(rotationText(report, keyring.info()));
  if (report.interrupted) return exitCode.interrupted;
  return report.failed > 0 ? exitCode.skipped : exitCode.done;
}

function batchSizeOf(text: string): number {
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1 && size <= 1000) return size;
  throw new InvalidArgumentError('Take a whole number from 1 to 1000');
}
