import { Command, Option } from 'commander';
import { zohoDataCenters } from '../integrations/zoho/zoho-data-centers.ts';
import { conclude, writeJson } from './conclude.ts';
import { exitCode, exitCodeHelp, exitCodeOf } from './exit-code.ts';
import type { ImportSummary } from './import-summary.ts';
import { type ImportSettings, importTokens, secretVariables } from './import-tokens.ts';
import { withPlaceOptions } from './place-settings.ts';
import { reportText } from './report-text.ts';

const help = `
Nothing is written without --write: first look at what would happen.
The source is opened for reading only, and never changed.

Places:
  file:tokens.txt                   a file: of a FileStore as --from, of fileBackend as --to
  tokens.txt                        the same, as --from only
  sqlite:tokens.db                  an SQLite file: table oauthtoken as --from, sqliteBackend as --to
  mysql://user@host:port/database?table=name
                                    a table of MySQL or MariaDB: of a DBStore as --from, of mysqlBackend as --to;
                                    what is left out is root, localhost, 3306, zohooauth and oauthtoken;
                                    &tls=required encrypts the connection and checks the server's certificate
  d1:DB                             a D1 database by its binding in wrangler.toml, as --to only: the local one of
                                    wrangler dev, or with --remote that at Cloudflare

Secrets come from the environment, since everybody on the machine can see a command line:
  ${secretVariables.keyring.padEnd(24)}  the keyring of the target, as tokenkeep keygen makes it
  ${secretVariables.from.padEnd(24)}  the password of the source's database
  ${secretVariables.to.padEnd(24)}  the password of the target's database

What happens to a row:
  imported   the target had no such token; its id stays, where no other row has the same one
  updated    the target had an older token
  merged     another row of the same user has the later expiry, and takes what it lacks from this one
  unchanged  the target has it already
  kept       the target has a newer token, as when the application has renewed it since; it is left alone
  skipped    it cannot be read without guessing, has no token, or names an API that is not Zoho's

Rows are named by their line in the file, or by their place in the order of the ids; nothing they hold is shown.
Everything that was written is read again by another store, by id and by user, and compared.

Run it as often as you like, while applications use the source and the target: what is done is not done twice, and
an import that was interrupted (Ctrl-C) goes on where it ended.

${exitCodeHelp('skipped', 'storage', 'mismatch', 'interrupted')}
Examples:
  tokenkeep keygen --keyring keyring.json
  export ${secretVariables.keyring}="$(cat keyring.json)"
  tokenkeep import --from sdk_tokens.txt --to file:tokens.tokenkeep
  tokenkeep import --from sdk_tokens.txt --to file:tokens.tokenkeep --write
  tokenkeep import --from sqlite:zohooauth.db --to sqlite:tokens.db --write
  ${secretVariables.from}=… ${secretVariables.to}=… \\
    tokenkeep import --from mysql://crm@db/zohooauth --to 'mysql://crm@db/zohooauth?table=tokens' --write
`;

/** `tokenkeep import`. Ends the process with one of {@link exitCode}. */
export function importCommand(): Command {
  return withPlaceOptions(new Command('import'))
    .summary("import the tokens that Zoho's own stores keep")
    .description(
      "Imports the tokens of Zoho's own stores (FileStore, DBStore, the SQLite sample) into a store of tokenkeep.",
    )
    .requiredOption('--from <place>', 'where the tokens are')
    .requiredOption('--to <place>', 'where they are to go')
    .option('--write', 'import; without it nothing is written')
    .option('--json', 'print the report as JSON')
    .option('--tenant <name>', 'the tenant of the target (default: default)')
    .addOption(
      new Option('--data-center <name>', 'the data center of rows that name none').choices(
        Object.keys(zohoDataCenters),
      ),
    )
    .addHelpText('after', help)
    .action(async (settings: ImportSettings & { readonly json?: true }) => {
      const json = settings.json === true;
      await conclude(json, async () => {
        const summary = await importTokens(settings);
        if (json) writeJson(jsonOf(summary));
        else process.stdout.write(reportText(summary));
        const { failure } = summary.report;
        if (failure !== undefined && !json) process.stderr.write(`--to: ${advice(failure.message)}\n`);
        return codeOf(summary);
      });
    });
}

/** Says to repeat the import, where the message does not end in that already. */
function advice(message: string): string {
  return /, then (try again|repeat)|; try again/.test(message) ? message : `${message}; then run it again`;
}

function codeOf({ report, verification }: ImportSummary): number {
  if (report.failure !== undefined) return exitCodeOf(report.failure.code);
  if (report.interrupted) return exitCode.interrupted;
  if (verification !== undefined && verification.mismatches.length > 0) return exitCode.mismatch;
  return report.outcomes.skipped > 0 ? exitCode.skipped : exitCode.done;
}

function jsonOf({ report: { failure, ...report }, ...summary }: ImportSummary): object {
  const told = failure && { failure: { code: failure.code, message: `--to: ${failure.message}` } };
  return { ...summary, ...report, ...told };
}
