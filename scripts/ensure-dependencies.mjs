import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs the npm packages of package-lock.json, unless exactly those are installed already: then nothing is run and
 * nothing is asked of the network. Ends the process with a plain message when npm fails.
 */
export function ensureDependencies() {
  if (areInstalled()) return;
  console.log('Installing npm packages; this takes about a minute …');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm names its own script to the scripts it runs, which works on every system and with every way to install npm.
  const npm = process.env.npm_execpath;
  const run = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (run.status === 0) return;
  console.error('The npm packages could not be installed. Run `npm ci` to see why, then try again.');
  process.exit(1);
}

/** Compares versions rather than times, which a checkout or an `npm install` would leave in any order. */
function areInstalled() {
  try {
    const wanted = packagesOf('package-lock.json');
    const present = packagesOf('node_modules/.package-lock.json');
    return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
      if (path === '') return true;
      const installed = present[path];
      // Optional packages are mostly binaries of other systems, which npm leaves out here.
      return installed ? installed.version === version : optional === true || devOptional === true;
    });
  } catch {
    return false;
  }
}

/** @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} */
function packagesOf(/** @type {string} */ path) {
  return JSON.parse(readFileSync(`${root}/${path}`, 'utf8')).packages;
}
