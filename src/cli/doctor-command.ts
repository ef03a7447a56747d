import { Command } from 'commander';
import { conclude, writeJson } from './conclude.ts';
import type { Finding } from './doctor/finding.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';

const help = `
Nothing is changed, and nothing leaves this machine without --remote. No value of any setting is shown.

It looks at wrangler.json, wrangler.jsonc or wrangler.toml, as wrangler itself finds them, at the files with local secrets,
the migrations, package.json and what is installed. The names of variables are those of tokenkeep's own worker, which
"tokenkeep init" writes too; where a worker has names of its own, the checks that need them say so.

What a check comes to:
  ok       it is in order
  warning  it may be meant so
  problem  it cannot work, or not safely

${exitCodeHelp('findings')}
Examples:
  tokenkeep doctor
  tokenkeep doctor --config apps/site/wrangler.jsonc --env production --remote
`;

interface DoctorSettings {
  readonly config?: string;
  readonly env?: string;
  readonly remote?: boolean;
  readonly json?: boolean;
}

/** `tokenkeep doctor`. Ends the process with one of {@link exitCode}. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('look whether a project on Workers is set up as it should be')
    .description(
      'Looks at a project on Cloudflare Workers, and says what is wrong with its settings and what mends it.',
    )
    .option('--config <path>', 'the configuration of wrangler (default: found as wrangler finds it)')
    .option('--env <name>', 'the environment of wrangler')
    .option('--remote', 'ask Cloudflare for the names of the secrets of the deployed worker')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', help)
    .action(({ config, env: environment, remote = false, json = false }: DoctorSettings) =>
      conclude(json, async () => {
        // loaded only now: no other command reads settings files
        const { examine } = await import('./doctor/examine.ts');
        const findings = await examine({ folder: process.cwd(), config, environment, remote });
        if (json) writeJson({ findings });
        else process.stdout.write(textOf(findings));
        return findings.some(({ status }) => status === 'problem') ? exitCode.findings : exitCode.done;
      }),
    );
}

function textOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, message, command }) => [
    `${status.padEnd(7)}  ${check.padEnd(width)}  ${message}`,
    ...(command === undefined ? [] : [`${' '.repeat(11 + width)}${command}`]),
  ]);
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  const told = (['problem', 'warning'] as const).map((word) => `${count(word)} ${word}${count(word) === 1 ? '' : 's'}`);
  return `${lines.join('\n')}\n\n${told.join(', ')}, ${count('ok')} in order.\n`;
}
