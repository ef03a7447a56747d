import { findPrograms } from '../../scripts/find-programs.mjs';

/** How Chromium is started, by vitest and by the end-to-end tests: without a sandbox (root) and without a word to the network. */
export const chromiumLaunchOptions = {
  executablePath: findPrograms().chromium ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
    // The flags above still leave name look-ups of the browser's own services; this one does not.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
  ],
};
