import type { Command } from 'commander';
import { importCommand } from './import-command.ts';
import { inspectCommand } from './inspect-command.ts';
import { keygenCommand } from './keygen-command.ts';
import { keysCommand } from './keys-command.ts';
import { rotateCommand } from './rotate-command.ts';
import { scrubCommand } from './scrub-command.ts';

/** What `tokenkeep` can do, in the order of the help. */
export function commands(): readonly Command[] {
  return [keygenCommand(), keysCommand(), rotateCommand(), inspectCommand(), scrubCommand(), importCommand()];
}
