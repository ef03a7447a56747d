import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { KeyInfo } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { KeyringChange } from '../crypto/change-keyring.ts';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { keyUseIn, type PlaceKeyUse } from './key-use-in.ts';
import { changeText, keysText, nextStep } from './keys-text.ts';
import { isPiped, openKeyring } from './open-keyring.ts';
import { type PlaceSettings, placeHelp, withPlaceOptions } from './place-settings.ts';

const help = `
The keyring is read from the file that --keyring names, which is then replaced in one step; or it is read from standard
input, and the changed one goes to standard output. Ids and states are shown, never a key.

How a key is changed, without anything that stops working:
  1. tokenkeep keys add --keyring keyring.json                a new key, which so far only opens
  2. npx wrangler secret put TOKENKEEP_KEYRING < keyring.json give it to every program that opens records; wait some
                                                              minutes, until none of them has the old keyring
  3. tokenkeep keys promote NEW --keyring keyring.json        from now on it seals
  4. npx wrangler secret put TOKENKEEP_KEYRING < keyring.json
  5. tokenkeep rotate --in d1:DB --keyring keyring.json       seals anew what is there; stop and go on as you like
  6. tokenkeep keys retire OLD --in d1:DB --keyring keyring.json
                                                              refuses while a record needs it; then it opens nothing
  7. npx wrangler secret put TOKENKEEP_KEYRING < keyring.json
  8. tokenkeep keys remove OLD --in d1:DB --keyring keyring.json
                                                              when no backup that you would restore needs it

States: a pending key opens, and seals nothing yet; an enabled one opens, and one of them seals and one makes lookups; a
disabled one does neither, until it is enabled again or removed.

${exitCodeHelp('storage', 'needed')}`;

interface KeysSettings extends PlaceSettings {
  readonly keyring?: string;
  readonly json?: boolean;
  readonly use?: 'seal' | 'index';
  readonly in?: readonly string[];
  readonly force?: boolean;
}

/** `tokenkeep keys`, with a command for each change. Ends the process with one of {@link exitCode}. */
export function keysCommand(): Command {
  const keys = new Command('keys').summary('list the keys of a keyring, and change one for another');
  keys.description('Lists the keys of a keyring, and changes one for another.').addHelpText('after', help);
  const below = (name: string, description: string): Command => {
    const command = keys.command(name).description(description);
    if (name !== 'list' && name !== 'add') command.addArgument(new Argument('<key>', 'its id').argParser(keyIdOf));
    return command
      .option('--keyring <file>', 'the file that holds the keyring (default: standard input)')
      .option('--json', 'print the report as JSON');
  };
  const guarded = (command: Command): Command =>
    withPlaceOptions(
      command
        .option('--in <place>', 'where records are kept; repeat it for each such place', gathered)
        .option('--force', 'do it though nobody has looked whether records need the key, or some do'),
    ).addHelpText('after', `\n${placeHelp}`);

  below('list', 'Lists ids and states.').action((settings: KeysSettings) => list(settings));
  below('add', 'Adds a new random key, which opens and does not seal yet.').action((settings: KeysSettings) =>
    change(settings, { kind: 'add' }),
  );
  below('promote', 'Makes a key the one that seals and makes lookups.')
    .addOption(new Option('--use <use>', 'for one of these only').choices(['seal', 'index']))
    .action((keyId: string, settings: KeysSettings) =>
      change(settings, { kind: 'promote', keyId, ...(settings.use !== undefined && { use: settings.use }) }),
    );
  below('disable', 'Lets a key open nothing any more, at once, whatever needs it.').action(
    (keyId: string, settings: KeysSettings) => change(settings, { kind: 'disable', keyId }),
  );
  below('enable', 'Takes a disable back.').action((keyId: string, settings: KeysSettings) =>
    change(settings, { kind: 'enable', keyId }),
  );
  guarded(below('retire', 'Disables a key that no record needs any more, and refuses while one does.')).action(
    (keyId: string, settings: KeysSettings) => change(settings, { kind: 'disable', keyId }, true),
  );
  guarded(below('remove', 'Removes a disabled or pending key for good, and refuses while a record needs it.')).action(
    (keyId: string, settings: KeysSettings) => change(settings, { kind: 'remove', keyId }, true),
  );
  return keys;
}

function gathered(place: string, before: readonly string[] = []): readonly string[] {
  return [...before, place];
}

/** An id, and not by mistake a key, which messages would then quote. */
function keyIdOf(text: string): string {
  if (/^[0-9a-f]{8}$/.test(text)) return text;
  throw new InvalidArgumentError('A key is named by its id, eight hexadecimal digits: see tokenkeep keys list');
}

function list({ keyring: file, json = false }: KeysSettings): Promise<void> {
  return conclude(json, async () => {
    const { keys } = await openKeyring(file);
    if (json) writeJson({ keys, next: nextStep(keys) });
    else process.stdout.write(`${keysText(keys)}\nNext: ${nextStep(keys)}.\n`);
    return exitCode.done;
  });
}

/** @param guarded whether records must not need the key. */
function change(settings: KeysSettings, asked: KeyringChange, guarded = false): Promise<void> {
  const { keyring: file, json = false, in: places = [], force = false } = settings;
  // a program that takes a keyring from standard output must get nothing else
  const report = isPiped(file) ? process.stderr : process.stdout;
  const work = async (): Promise<number> => {
    const keyring = await openKeyring(file);
    const { keys, save } = await keyring.change(asked);
    const keyId = 'keyId' in asked ? asked.keyId : (addedTo(keyring.keys, keys) ?? '');
    if (guarded && places.length === 0 && !force) {
      throw new TokenkeepError(
        'E_CONFIG',
        '--in: name each place where records are kept, so that they can be counted; or say --force if none needs the key',
      );
    }
    const counted = await keyUseIn(places, keyId, settings);
    const refused = !force && counted.some(({ needing }) => needing > 0);
    if (!refused) await save();
    const after = refused ? keyring.keys : keys;
    if (json) {
      const found = guarded ? { refused, places: counted } : {};
      writeJson({ change: asked.kind, keyId, ...found, keys: after, next: nextStep(after) }, report);
    } else {
      const counts = counted.map(countText).join('');
      report.write(
        refused
          ? `${counts}Refused: key ${keyId} is needed. Next: tokenkeep rotate --in PLACE, then the same again.\n`
          : `${counts}${changeText(asked, keyId)}\n\n${keysText(after)}\nNext: ${deployment}${nextStep(after)}.\n`,
      );
    }
    return refused ? exitCode.needed : exitCode.done;
  };
  return conclude(json, work, report);
}

const deployment = `give the keyring to every program that opens records, such as
  npx wrangler secret put TOKENKEEP_KEYRING < FILE
and wait some minutes, until none has the old one. Then `;

function countText({ place, needing, records }: PlaceKeyUse): string {
  return `${place}: ${needing} of ${records} records need the key.\n`;
}

function addedTo(before: readonly KeyInfo[], after: readonly KeyInfo[]): string | undefined {
  return after.find(({ keyId }) => before.every((key) => key.keyId !== keyId))?.keyId;
}
