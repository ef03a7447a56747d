import { Command } from 'commander';
import type { Keyring } from '../core/keyring.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { collectionOf } from '../store/reseal-records.ts';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { inspectRecords, type RecordRow, recordWith, rowOf } from './inspect-records.ts';
import { inspectionText, rowText } from './inspection-text.ts';
import { revealedField } from './payload-fields.ts';
import { type PlaceSettings, placeHelp, withPlaceOptions } from './place-settings.ts';
import { printable } from './printable.ts';
import { keyringHelp, keyringVariable, readKeyring } from './read-keyring.ts';
import { withPlace } from './with-place.ts';

const help = `
Shows what everybody sees who has the database: no key is needed, and nothing is changed. With a keyring it also says
which of the keys are in it, and with --decrypt which fields each record has; of their values only how long they are.

--reveal prints the value of one field of one record, and nothing else: think of who sees your screen and your logs.

${keyringHelp}
${placeHelp}
${exitCodeHelp('storage')}
Examples:
  tokenkeep inspect d1:DB --remote
  tokenkeep inspect sqlite:tokens.db --records
  tokenkeep inspect file:tokens.tokenkeep --id 1b4e28ba-2fa1-11d2-883f-0016d3cca427 --decrypt --keyring keyring.json
  tokenkeep inspect file:tokens.tokenkeep --id 1b4e28ba-2fa1-11d2-883f-0016d3cca427 --reveal scope
`;

interface InspectSettings extends PlaceSettings {
  readonly records?: boolean;
  readonly decrypt?: boolean;
  readonly id?: string;
  readonly partition: string;
  readonly reveal?: string;
  readonly keyring?: string;
  readonly json?: boolean;
}

/** `tokenkeep inspect`. Ends the process with one of {@link exitCode}. */
export function inspectCommand(): Command {
  return withPlaceOptions(
    new Command('inspect')
      .summary('show what is at rest, without a key')
      .description('Shows what is at rest: partitions, counts, sizes, keys and expiries.')
      .argument('<place>', 'where the records are')
      .option('--records', 'list the records: id, revision, size, keys')
      .option('--id <id>', 'show one record only')
      .option('--partition <name>', 'of that record', 'default/tokens')
      .option('--decrypt', 'open records, and list their fields without values')
      .option('--reveal <field>', 'print one field of the record of --id in the clear')
      .option('--keyring <file>', 'the keyring (default: from the environment, where it is needed)'),
  )
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', help)
    .action((place: string, settings: InspectSettings) =>
      conclude(settings.json === true, async () => {
        const { reveal, id, decrypt, keyring: file } = settings;
        if (reveal !== undefined && id === undefined) {
          throw new TokenkeepError('E_CONFIG', '--reveal: name the one record that is meant with --id');
        }
        const isNeeded = decrypt || reveal !== undefined || file !== undefined || process.env[keyringVariable];
        const keyring = isNeeded ? await readKeyring(file) : undefined;
        const request = { setting: 'inspect', place, settings, access: 'look' } as const;
        await withPlace(request, (backend) =>
          id === undefined ? showAll(backend, settings, keyring) : showOne(backend, id, settings, keyring),
        );
        return exitCode.done;
      }),
    );
}

async function showAll(backend: RecordBackend, settings: InspectSettings, keyring: Keyring | undefined): Promise<void> {
  const { records = false, decrypt = false, json } = settings;
  const rows: RecordRow[] = [];
  const tell = json
    ? (row: RecordRow) => void rows.push(row)
    : (row: RecordRow) => void process.stdout.write(rowText(row));
  const isListed = records || decrypt;
  const report = await inspectRecords(backend, isListed ? tell : undefined, decrypt ? keyring : undefined);
  const info = keyring?.info();
  if (json) writeJson({ ...report, ...(isListed && { rows }), ...(info && { keyring: info }) });
  else process.stdout.write(`${isListed && report.records > 0 ? '\n' : ''}${inspectionText(report, info)}`);
}

async function showOne(
  backend: RecordBackend,
  id: string,
  { partition, reveal, decrypt, json }: InspectSettings,
  keyring: Keyring | undefined,
): Promise<void> {
  const record = await recordWith(backend, partition, id);
  if (reveal === undefined || keyring === undefined) {
    const row = await rowOf(record, decrypt ? keyring : undefined);
    if (json) writeJson(row);
    else process.stdout.write(rowText(row));
    return;
  }
  const value = revealedField(partition, await collectionOf(partition, keyring).open(record), reveal);
  if (json) writeJson({ field: reveal, value });
  else {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    process.stdout.write(`${process.stdout.isTTY ? printable(text) : text}\n`);
  }
}
