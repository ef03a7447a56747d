import { dirname, join, resolve } from 'node:path';
import { chooseD1Binding, type D1Binding, d1Bindings } from './d1-binding.ts';
import { type LocalVariables, readLocalVariables } from './local-variables.ts';
import { readText } from './read-text.ts';
import { type Table, tableOf } from './table.ts';
import { inEnvironment } from './wrangler-environment.ts';
import { findWranglerFile, readWranglerFile, type WranglerFile } from './wrangler-file.ts';

/** A project on Workers, with all that tokenkeep looks at. Nothing in it is checked. */
export interface Project {
  /** Absolute: that of the configuration. */
  readonly folder: string;
  readonly config: WranglerFile;
  /** The environment of wrangler that was asked for. */
  readonly environment: string | undefined;
  /** The settings of that environment; empty when there are none. */
  readonly settings: Table;
  readonly database: D1Binding | undefined;
  readonly local: LocalVariables;
  /** What package.json says; empty when there is none, or none that can be read. */
  readonly manifest: Table;
  /** Whether its worker seems to read the variables that tokenkeep's own worker does. */
  readonly usesOwnNames: boolean;
}

/** Where a project is. */
export interface ProjectPlace {
  /** From where the configuration is looked for, or where it is. */
  readonly folder: string;
  /** The configuration itself, instead. */
  readonly config?: string | undefined;
  readonly environment?: string | undefined;
}

/** Reads a project. What cannot be read is told in its parts, and nothing throws. */
export function readProject({ folder: start, config: named, environment }: ProjectPlace): Project {
  const path = named === undefined ? findWranglerFile(resolve(start)) : resolve(start, named);
  const config = readWranglerFile(path);
  const folder = path === undefined ? resolve(start) : dirname(path);
  const settings = config.state === 'found' ? inEnvironment(config.values, environment) : {};
  const local = readLocalVariables(folder, environment);
  const read = readText(join(folder, 'package.json'));
  const vars = tableOf(settings.vars);
  return {
    folder,
    config,
    environment,
    settings,
    database: path === undefined ? undefined : chooseD1Binding(d1Bindings(settings, path)),
    local,
    manifest: typeof read === 'object' ? parsed(read.text) : {},
    usesOwnNames: ownNames.some((name) => local.values.has(name) || Object.hasOwn(vars, name)),
  };
}

const ownNames = ['TOKENKEEP_KEYRING', 'OAUTH_ISSUER', 'OAUTH_CLIENT_ID', 'OAUTH_ROTATION', 'TOKEN_BACKEND'] as const;

function parsed(text: string): Table {
  try {
    return tableOf(JSON.parse(text));
  } catch {
    return {};
  }
}
