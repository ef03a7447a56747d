import type { Command } from 'commander';

/** How a place is reached, where its address does not say it all. */
export interface PlaceSettings {
  /** The settings file of wrangler. Default the nearest one. */
  readonly config?: string;
  /** One of the environments in it. */
  readonly env?: string;
  /** Whether the database at Cloudflare is meant, and not that of `wrangler dev`. */
  readonly remote?: boolean;
  /** Where `wrangler dev` was told to keep its state. */
  readonly persistTo?: string;
}

/** The variable that the password of a database's user belongs in. */
export const passwordVariable = 'TOKENKEEP_PASSWORD';

/** Gives a command the options of {@link PlaceSettings}. */
export function withPlaceOptions(command: Command): Command {
  return command
    .option('--config <file>', 'of d1: the settings file of wrangler (default: the nearest one)')
    .option('--env <name>', 'of d1: an environment in that file')
    .option('--remote', 'of d1: the database at Cloudflare, not the one of wrangler dev')
    .option('--persist-to <folder>', 'of d1: where wrangler dev keeps its state (default: .wrangler/state)');
}

/** How places are written, for the help of a command. */
export const placeHelp: string = `Places:
  file:tokens.tokenkeep             a file of fileBackend
  sqlite:tokens.db                  an SQLite file of sqliteBackend
  mysql://user@host:port/database?table=name&tls=required
                                    a table of mysqlBackend; left out: root, localhost, 3306, zohooauth, oauthtoken and
                                    no TLS. With TLS the server's name and certificate are checked; NODE_EXTRA_CA_CERTS
                                    names a file of authorities of your own
  d1:DB                             a D1 database by its binding in wrangler.toml (or .json, .jsonc), through the wrangler
                                    of your project: the local one of wrangler dev, or with --remote that at Cloudflare,
                                    as the account of npx wrangler login or CLOUDFLARE_API_TOKEN

Passwords come from the environment (${passwordVariable}), since everybody on the machine can see a command line.
`;
