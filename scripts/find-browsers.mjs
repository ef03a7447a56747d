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

/**
 * Where the programs are that the browser tests drive; `undefined` for what this machine does not have.
 * `CHROME_PATH` and `FIREFOX_PATH` choose a browser; a chosen one that cannot be run counts as missing.
 *
 * @returns {Record<'chromium' | 'firefox' | 'webkitDriver' | 'xvfb', string | undefined>}
 */
export function findBrowsers(environment = process.env) {
  const onPath = (/** @type {string} */ name) =>
    (environment.PATH ?? '')
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(runnable);
  const chosen = (/** @type {string | undefined} */ path, /** @type {string[]} */ places) =>
    (path ? [path] : places).find(runnable);
  return {
    chromium: chosen(environment.CHROME_PATH, usualPlaces.chromium),
    firefox: chosen(environment.FIREFOX_PATH, usualPlaces.firefox),
    webkitDriver: onPath('WebKitWebDriver'),
    xvfb: onPath('Xvfb'),
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
