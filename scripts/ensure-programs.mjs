import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findPrograms } from './find-programs.mjs';

/** The Debian package that brings each program. Those of MariaDB bring no service: nothing is started by installing them. */
const packages = {
  chromium: 'chromium',
  firefox: 'firefox-esr',
  webkitDriver: 'webkit2gtk-driver',
  xvfb: 'xvfb',
  mariadb: 'mariadb-server-core',
  mariadbInstall: 'mariadb-server-core',
  mariadbDefaults: 'mariadb-client-core',
};

/**
 * Makes sure that the programs which the tests drive are there. As root on Debian what is missing is installed; anywhere
 * else the process ends with a message that names it. Nothing is run when everything is there.
 *
 * @param {readonly import('./find-programs.mjs').Program[]} needed
 */
export function ensurePrograms(needed) {
  const missing = () => {
    const found = findPrograms();
    return [...new Set(needed.filter((name) => found[name] === undefined).map((name) => packages[name]))];
  };
  const names = missing();
  if (names.length === 0) return;
  if (canInstall()) {
    console.log(`Installing ${names.join(', ')}; this takes about a minute …`);
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...names);
    if (missing().length === 0) return;
  }
  console.error(`The tests need ${missing().join(', ')}, which this machine does not have.
- On Debian: sudo apt-get install --no-install-recommends ${missing().join(' ')}
- A Chromium or Firefox that is elsewhere can be named by CHROME_PATH or FIREFOX_PATH; the path must be executable.
- MariaDB (mariadbd, mariadb-install-db and my_print_defaults) is looked for on the PATH.
- Without all of them: npm test -- --project node --project workerd`);
  process.exit(1);
}

/** Root on Debian proper; the packages of these names in Ubuntu are partly pointers to snaps. */
function canInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function aptGet(/** @type {string[]} */ ...args) {
  spawnSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
