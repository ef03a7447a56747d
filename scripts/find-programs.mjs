import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const usualPlaces = {
  chromium: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
};

/** @typedef {'chromium' | 'firefox' | 'webkitDriver' | 'xvfb' | 'mariadb' | 'mariadbInstall' | 'mariadbDefaults'} Program */

/**
 * Where the programs are that the tests drive; `undefined` for what this machine does not have.
 * `CHROME_PATH` and `FIREFOX_PATH` choose a browser; a chosen one that cannot be run counts as missing.
 *
 * @returns {Record<Program, string | undefined>}
 */
export function findPrograms(environment = process.env) {
  const folders = (environment.PATH ?? '').split(delimiter);
  const among = (/** @type {string[]} */ places, /** @type {string} */ name) =>
    places.map((folder) => join(folder, name)).find(runnable);
  const chosen = (/** @type {string | undefined} */ path, /** @type {string[]} */ places) =>
    (path ? [path] : places).find(runnable);
  return {
    chromium: chosen(environment.CHROME_PATH, usualPlaces.chromium),
    firefox: chosen(environment.FIREFOX_PATH, usualPlaces.firefox),
    webkitDriver: among(folders, 'WebKitWebDriver'),
    xvfb: among(folders, 'Xvfb'),
    // Debian has servers where only root's PATH leads.
    mariadb: among([...folders, '/usr/sbin'], 'mariadbd'),
    mariadbInstall: among(folders, 'mariadb-install-db'),
    // Not run by us, but by mariadb-install-db.
    mariadbDefaults: among(folders, 'my_print_defaults'),
  };
}

function runnable(/** @type {string} */ path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
