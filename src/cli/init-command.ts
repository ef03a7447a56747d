import { Command } from 'commander';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import type { Change, Remark } from './init/change.ts';
import { lineChanges } from './init/line-changes.ts';
import { type InitStep, initSteps } from './init-steps.ts';
import { printable } from './printable.ts';

const help = `
To a project with Hono and a configuration of wrangler it adds, where they are missing:
  .dev.vars             a new keyring for this machine, in a file that git ignores
  migrations            the tables of tokenkeep, behind the migrations that are there
  the configuration     the D1 binding DB, a cron, and OAUTH_ISSUER, OAUTH_CLIENT_ID and OAUTH_SCOPE as placeholders
  src/tokenkeep.ts      the routes and the scheduled work, beside the module that main names
  your app              the lines that mount them, where it is plain where they go; else they are printed

What is there stays as it is, with its comments. Run it as often as you like: what is done is not done twice, and what was
interrupted is carried on.

${exitCodeHelp('storage', 'byHand')}
Examples:
  tokenkeep init --dry-run
  tokenkeep init --dir apps/site
`;

interface InitSettings {
  readonly dir?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What a file comes to, for a report: of one with secrets, no line. */
interface ToldChange {
  readonly path: string;
  readonly made: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** `tokenkeep init`. Ends the process with one of {@link exitCode}. */
export function initCommand(): Command {
  return new Command('init')
    .summary('add tokenkeep to a Hono project on Workers')
    .description('Adds tokenkeep to a Hono project on Cloudflare Workers, and says what is left to do.')
    .option('--dir <folder>', 'the folder of the project (default: this one)')
    .option('--dry-run', 'say what would be done, and write nothing')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', help)
    .action(({ dir = '.', dryRun = false, json = false }: InitSettings) =>
      conclude(json, async () => {
        // loaded only now: no other command edits settings files
        const [{ planInit }, { applyChanges }] = await Promise.all([
          import('./init/plan-init.ts'),
          import('./init/apply-changes.ts'),
        ]);
        const plan = await planInit(dir);
        if (!dryRun) applyChanges(plan.project.folder, plan.changes);
        const changes = plan.changes.map(told);
        const next = initSteps(plan);
        if (json) writeJson({ wrote: !dryRun, changes, byHand: plan.remarks, next });
        else process.stdout.write(textOf(dryRun, changes, plan.remarks, next));
        return plan.remarks.length > 0 ? exitCode.byHand : exitCode.done;
      }),
    );
}

function told({ path, before, after, isSecret }: Change): ToldChange {
  const { added, removed } = lineChanges(before ?? '', after);
  const shown = isSecret ? added.map((line) => line.replace(/^([A-Z_]+=).*/, '$1…')) : added;
  return { path, made: before === undefined, added: shown, removed };
}

function textOf(
  dryRun: boolean,
  changes: readonly ToldChange[],
  remarks: readonly Remark[],
  steps: readonly InitStep[],
): string {
  const files = changes.flatMap(({ path, made, added, removed }) => [
    `${made ? 'make  ' : 'change'}  ${printable(path)}`,
    ...removed.map((line) => `      - ${line}`),
    // a new module is for reading in its file
    ...(made && added.length > longest ? [`      + ${added.length} lines`] : added.map((line) => `      + ${line}`)),
  ]);
  const left = remarks.flatMap(({ path, message, lines }) => [
    `${printable(path)}: ${message}`,
    ...lines.map((line) => `      ${line}`),
  ]);
  const next = steps.flatMap(({ message, commands }, n) => [
    `${n + 1}. ${message}`,
    ...commands.map((command) => `      ${command}`),
  ]);
  return [
    ...(files.length === 0 ? ['Everything is there already.'] : files),
    ...(dryRun && files.length > 0 ? ['', 'Dry run: nothing was written.'] : []),
    ...(left.length > 0 ? ['', 'Left to be done by hand:', ...left] : []),
    ...['', 'What to do next:', ...next, ''],
  ].join('\n');
}

const longest = 12;
