#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { exitCode } from './exit-code.ts';
import { usageError } from './usage-error.ts';

/** Runs `tokenkeep` with these arguments; the process then ends with one of {@link exitCode}. */
export async function main(args: readonly string[]): Promise<void> {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;
  if (isOlder(process.versions.node, manifest.engines.node)) {
    process.stderr.write(
      `tokenkeep needs Node ${manifest.engines.node}, and this is ${process.versions.node}; update it\n`,
    );
    process.exitCode = exitCode.setting;
    return;
  }
  // loaded only now: an older Node lacks modules that the commands need
  const { commands } = await import('./commands.ts');
  const program = new Command('tokenkeep')
    .description('Keeps OAuth tokens encrypted: what is done at the command line.')
    .version(manifest.version)
    .exitOverride()
    // commander would quote what it does not know, which may be a secret
    .configureOutput({ outputError: () => undefined });
  for (const command of commands()) program.addCommand(inheriting(command, program));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    process.stderr.write(`${usageError(error, meant(program, args))}\n`);
    process.exitCode = exitCode.usage;
  }
}

/** The command, and those below it, with the settings of the one above. */
function inheriting(command: Command, above: Command): Command {
  command.copyInheritedSettings(above);
  for (const below of command.commands) inheriting(below, command);
  return command;
}

/** The names of the command that was meant, without anything that is none. */
function meant(command: Command, [name, ...rest]: readonly string[]): string {
  const below = command.commands.find((candidate) => candidate.name() === name);
  return below === undefined ? command.name() : `${command.name()} ${meant(below, rest)}`;
}

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** Whether a version is older than what a range such as `>=22.13` begins with. */
function isOlder(version: string, range: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needed = 0, least = 0] = range.replace('>=', '').split('.').map(Number);
  return major < needed || (major === needed && minor < least);
}

process.once('uncaughtException', (error: unknown) => {
  // its message may quote anything
  const name = error instanceof Error && /^\w+$/.test(error.name) ? error.name : 'error';
  process.stderr.write(`an ${name} that nobody foresaw has ended tokenkeep; please report it, and run it again\n`);
  process.exit(exitCode.unforeseen);
});

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // whoever read the output has seen enough, such as `head`
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write('standard output cannot be written; make room, then run it again\n');
  process.exit(exitCode.storage);
});

await main(process.argv.slice(2));
