// A process that wants access tokens. Called with the path of an SQLite database, a keyring setting and an issuer;
// asked with the name of a user, it answers what ten callers got.
import { sqliteBackend } from '../../../src/backends/node/sqlite-backend.ts';
import type { TokenkeepError } from '../../../src/core/tokenkeep-error.ts';
import { importKeyring } from '../../../src/crypto/import-keyring.ts';
import { createTokenSource } from '../../../src/manager/create-token-source.ts';
import { oauthRenewal } from '../../../src/oauth/oauth-renewal.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';

const [, , path = '', setting = '', issuer = ''] = process.argv;
const clientId = 'app';
const renewal = oauthRenewal({ provider: { issuer }, clientId, redirectUrl: `${issuer}/cb`, scope: [] });
const store = new EncryptedTokenStore({ backend: sqliteBackend(path), keyring: importKeyring(setting) });

process.on('message', async (userName: string) => {
  const callers = Array.from({ length: 10 }, () =>
    createTokenSource({ store, query: { userName, issuer, clientId }, ...renewal })
      .getToken()
      .then(
        ({ accessToken, outcome }) => ({ accessToken, outcome }),
        ({ code }: TokenkeepError) => ({ code }),
      ),
  );
  process.send?.(await Promise.all(callers));
});
// the test has ended without saying so
process.on('disconnect', () => process.exit());
process.send?.('ready');
