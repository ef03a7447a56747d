import { findPrograms } from '../../scripts/find-programs.mjs';

/** How Firefox is started: the stock browser over WebDriver BiDi, without a word to the network. */
export const firefoxLaunchOptions = {
  channel: 'moz-firefox' as const,
  executablePath: findPrograms().firefox ?? '/usr/bin/firefox-esr',
  firefoxUserPrefs: {
    // Every name is this machine. Proxy settings alone do not keep Firefox from asking for its remote settings.
    'network.dns.native-is-localhost': true,
    'network.proxy.type': 1,
    'network.proxy.ssl': '127.0.0.1',
    'network.proxy.ssl_port': 9,
    'network.proxy.no_proxies_on': 'localhost,127.0.0.1',
    'app.update.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'toolkit.telemetry.enabled': false,
  },
};
