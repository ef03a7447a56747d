#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { exitCode } from './exit-code.ts';
import { importCommand } from './import-command.ts';
import { usageError } from './usage-error.ts';

/** Runs `tokenkeep` with these arguments; the process then ends with one of {@link exitCode}. */
export async function main(args: readonly string[]): Promise<void> {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('tokenkeep')
    .description('The encrypted OAuth token store: what is done at the command line.')
    .version(manifest.version)
    .exitOverride()
    // commander would quote what it does not know, which may be a secret
    .configureOutput({ outputError: () => undefined });
  for (const command of [importCommand()]) program.addCommand(command.copyInheritedSettings(program));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    process.stderr.write(`${usageError(error)}\n`);
    process.exitCode = exitCode.usage;
  }
}

process.once('uncaughtException', (error: unknown) => {
  // its message may quote anything
  const name = error instanceof Error && /^\w+$/.test(error.name) ? error.name : 'error';
  process.stderr.write(`an ${name} that nobody foresaw has ended tokenkeep; please report it, and run it again\n`);
  process.exit(exitCode.unforeseen);
});

await main(process.argv.slice(2));
