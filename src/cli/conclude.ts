import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { exitCodeOf } from './exit-code.ts';

/**
 * Does what a command is for and ends the process accordingly. A failure is told on standard error, or as JSON in place of
 * the report.
 *
 * @param work resolves with one of the exit codes.
 * @param report where the report goes.
 * @throws what is no {@link TokenkeepError}.
 */
export async function conclude(
  json: boolean,
  work: () => Promise<number>,
  report: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof TokenkeepError)) throw error;
    const { code, message } = error;
    if (json) writeJson({ failure: { code, message } }, report);
    else process.stderr.write(`${message}\n`);
    process.exitCode = exitCodeOf(code);
  }
}

/** Writes one document, to standard output unless told otherwise. */
export function writeJson(value: unknown, stream: NodeJS.WriteStream = process.stdout): void {
  stream.write(`${JSON.stringify(value, null, 2)}\n`);
}
