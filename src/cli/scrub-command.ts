import { Command } from 'commander';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { type PlaceSettings, placeHelp, withPlaceOptions } from './place-settings.ts';
import { keyringHelp, readKeyring } from './read-keyring.ts';
import { runScrub } from './run-scrub.ts';
import { scrubText } from './scrub-text.ts';
import { withPlace } from './with-place.ts';

const help = `
Opens every record, and compares what stands beside the seal with what is in it: the id of the key, and the values that
the record is found by. Nothing is changed without --repair, and nothing is deleted in any case.

--repair seals anew what opens, and is only wrong in what stands beside the seal. What does not open can only come back
from a backup.

${keyringHelp}
${placeHelp}
${exitCodeHelp('storage', 'findings', 'interrupted')}
Examples:
  tokenkeep scrub --in sqlite:tokens.db --keyring keyring.json
  tokenkeep scrub --in d1:DB --remote --keyring keyring.json --json
`;

interface ScrubSettings extends PlaceSettings {
  readonly in: string;
  readonly keyring?: string;
  readonly repair?: boolean;
  readonly json?: boolean;
}

/** `tokenkeep scrub`. Ends the process with one of {@link exitCode}. */
export function scrubCommand(): Command {
  return withPlaceOptions(
    new Command('scrub')
      .summary('open every record, and report what is wrong')
      .description('Opens every record and reports by code what is wrong with it.')
      .requiredOption('--in <place>', 'where the records are')
      .option('--keyring <file>', 'the keyring (default: from the environment)')
      .option('--repair', 'seal anew what opens and is found by the wrong values'),
  )
    .option('--json', 'print the report as JSON, with all findings')
    .addHelpText('after', help)
    .action((settings: ScrubSettings) => conclude(settings.json === true, () => scrub(settings)));
}

async function scrub({ in: place, keyring: file, repair = false, json, ...settings }: ScrubSettings): Promise<number> {
  const keyring = await readKeyring(file);
  const access = repair ? 'change' : 'look';
  const report = await withPlace({ setting: '--in', place, settings, access }, (backend) =>
    runScrub(backend, keyring, repair),
  );
  if (json) writeJson(report);
  else process.stdout.write(scrubText(report, repair));
  if (report.interrupted) return exitCode.interrupted;
  return report.findings.every(({ repaired }) => repaired) ? exitCode.done : exitCode.findings;
}
