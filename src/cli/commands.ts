import type { Command } from 'commander';
import { doctorCommand } from './doctor-command.ts';
import { importCommand } from './import-command.ts';
import { initCommand } from './init-command.ts';
import { inspectCommand } from './inspect-command.ts';
import { keygenCommand } from './keygen-command.ts';
import { keysCommand } from './keys-command.ts';
import { rotateCommand } from './rotate-command.ts';
import { scrubCommand } from './scrub-command.ts';

/** What `tokenkeep` can do, in the order of the help. */
export function commands(): readonly Command[] {
  return [
    initCommand(),
    doctorCommand(),
    keygenCommand(),
    keysCommand(),
    rotateCommand(),
    inspectCommand(),
    scrubCommand(),
    importCommand(),
  ];
}
