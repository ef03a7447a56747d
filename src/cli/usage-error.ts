import type { CommanderError } from 'commander';

/** What commander itself says of these quotes nothing but the names of options and arguments. */
const harmless: ReadonlySet<string> = new Set([
  'commander.missingMandatoryOptionValue',
  'commander.optionMissingArgument',
  'commander.missingArgument',
]);

/**
 * What is wrong with a command line, without anything in it that could be a secret: an option that is not known may be a
 * password with the name of the option that it was meant for.
 *
 * @param program what the help is of: `tokenkeep`, or one of its commands.
 */
export function usageError({ code, message }: CommanderError, program: string): string {
  return `${sentence(code, message)}; see ${program} --help`;
}

function sentence(code: string, message: string): string {
  if (harmless.has(code)) return message.replace(/^error: /, '');
  if (code === 'commander.unknownOption') {
    const [, name] = /unknown option '(--[a-z][a-z-]*)['=]/.exec(message) ?? [];
    return name === undefined ? 'there is an option that is not known' : `there is no option ${name}`;
  }
  if (code === 'commander.unknownCommand') return 'there is no such command';
  if (code === 'commander.excessArguments') return 'there is more on the command line than the command takes';
  if (code === 'commander.invalidArgument') {
    const [, what, reason] =
      /^error: (option '[^']*') argument '[\s\S]*' is invalid\. ([\s\S]*?)\.?$/.exec(message) ??
      /^error: command-argument value '[\s\S]*' is invalid for (argument '[^']*')\. ([\s\S]*?)\.?$/.exec(message) ??
      [];
    return what === undefined ? 'there is a value that cannot be one' : `${what} cannot be that. ${reason}`;
  }
  return 'there is no command';
}
