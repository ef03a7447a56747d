import { type Table, tableOf } from './table.ts';

/**
 * What an environment of wrangler does not take over from the top level, as far as tokenkeep looks at it. All the rest
 * (`main`, dates, flags, triggers, routes, assets, observability) it inherits where it says nothing itself.
 */
const ownSettings = ['vars', 'd1_databases', 'kv_namespaces', 'secrets_store_secrets'] as const;

/** Names of the environments in a configuration. */
export function environmentNames(values: Table): readonly string[] {
  return Object.keys(tableOf(values.env));
}

/** The settings of an environment as wrangler sees them; those of the top level when none is named. */
export function inEnvironment(values: Table, environment: string | undefined): Table {
  if (environment === undefined) return values;
  const own = tableOf(tableOf(values.env)[environment]);
  const inherited = Object.entries(values).filter(([name]) => !(ownSettings as readonly string[]).includes(name));
  return { ...Object.fromEntries(inherited), ...own };
}
