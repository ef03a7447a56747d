import { readFileSync } from 'node:fs';
import { installedVersion } from '../project/installed-version.ts';
import type { Project } from '../project/project.ts';
import { tableOf } from '../project/table.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** What is installed, against what this version of tokenkeep works with. */
export function checkPackages({ folder, manifest }: Project): Finding[] {
  const own = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    readonly peerDependencies: Readonly<Record<'hono' | 'wrangler', string>>;
  };
  const { hono, wrangler } = own.peerDependencies;
  return [
    checkOwn(manifest),
    checkPackage(folder, 'hono', hono, problem),
    checkPackage(folder, 'wrangler', wrangler, warning),
    ok('node', `Node ${process.versions.node} is new enough`),
  ];
}

function checkOwn({ name, dependencies, devDependencies }: Project['manifest']): Finding {
  const all = { ...tableOf(devDependencies), ...tableOf(dependencies) };
  if (name === 'tokenkeep' || Object.hasOwn(all, 'tokenkeep')) return ok('tokenkeep', 'package.json names tokenkeep');
  return problem('tokenkeep', 'package.json does not name tokenkeep', 'npm install tokenkeep');
}

function checkPackage(folder: string, name: string, range: string, tell: typeof problem): Finding {
  const version = installedVersion(folder, name);
  const install = `npm install ${name === 'wrangler' ? '--save-dev ' : ''}"${name}@${range}"`;
  if (version === undefined) return tell(name, `${name} is not installed`, install);
  const [major = 0, minor = 0, patch = 0] = numbersOf(version);
  const [needed = 0, least = 0, last = 0] = numbersOf(range);
  if (major > needed) return warning(name, `${name} is of a later major version than tokenkeep was tried with`);
  const isNewEnough = major === needed && (minor > least || (minor === least && patch >= last));
  return isNewEnough
    ? ok(name, `${name} ${range} is installed`)
    : tell(name, `${name} is older than ${range}`, install);
}

function numbersOf(version: string): readonly number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
