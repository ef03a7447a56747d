import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findBrowsers } from './find-browsers.mjs';

/** The Debian package that brings each program. */
const packages = { chromium: 'chromium', firefox: 'firefox-esr', webkitDriver: 'webkit2gtk-driver', xvfb: 'xvfb' };

/**
 * Makes sure that the programs which the browser tests drive are there. As root on Debian what is missing is installed;
 * anywhere else the process ends with a message that names it. Nothing is run when everything is there.
 *
 * @param {readonly (keyof typeof packages)[]} needed
 */
export function ensureBrowsers(needed = ['chromium', 'firefox', 'webkitDriver', 'xvfb']) {
  const missing = () => needed.filter((name) => findBrowsers()[name] === undefined).map((name) => packages[name]);
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
- Without them: npm test -- --project node --project workerd`);
  process.exit(1);
}

/** Root on Debian proper; the packages of these names in Ubuntu are only pointers to snaps. */
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
