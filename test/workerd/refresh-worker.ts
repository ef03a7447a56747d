import { d1Backend } from '../../src/backends/d1-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { oauthRenewal } from '../../src/oauth/oauth-renewal.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';

interface Env {
  readonly DB: D1Database;
  readonly KEYRING: string;
  readonly ISSUER: string;
}

/** The keyring of this isolate, which a test can change while requests are under way. */
let current: Keyring | undefined;
const keyring: Keyring = {
  sealingRoot: () => (current as Keyring).sealingRoot(),
  openingRoot: (keyId) => (current as Keyring).openingRoot(keyId),
  indexRoots: () => (current as Keyring).indexRoots(),
  info: () => (current as Keyring).info(),
};

/**
 * A worker around one token source for each request, for the users of `/USER`: `GET` yields an access token, `PUT` stores a
 * new sign-in, `PATCH` saves something else beside the token, `DELETE` signs out. `PUT /?keyring` changes the keyring.
 */
const worker: ExportedHandler<Env> = {
  async fetch(request, env, context) {
    current ??= await importKeyring(env.KEYRING);
    const { pathname, search } = new URL(request.url);
    if (search === '?keyring') {
      current = await importKeyring(await request.text());
      return new Response();
    }
    const client = { provider: { issuer: env.ISSUER }, clientId: 'worker', redirectUrl: `${env.ISSUER}/cb`, scope: [] };
    const renewal = oauthRenewal(client);
    const store = new EncryptedTokenStore({ backend: d1Backend(env.DB), keyring });
    const query = { userName: pathname.slice(1), issuer: env.ISSUER, clientId: client.clientId };
    if (request.method === 'GET') {
      const source = createTokenSource({ store, query, ...renewal, waitUntil: (work) => context.waitUntil(work) });
      return source.getToken().then(
        (token) => Response.json(token),
        ({ code, reason }: TokenkeepError) => Response.json({ code, reason }, { status: 500 }),
      );
    }
    if (request.method === 'PUT')
      return Response.json(await store.saveToken({ ...query, ...(await request.json<object>()) }));
    const { id } = (await store.findToken(query)) as SavedToken;
    if (request.method === 'PATCH') return Response.json(await store.saveToken({ id, extras: await request.json() }));
    await store.deleteToken(id);
    return new Response();
  },
};

// biome-ignore lint/style/noDefaultExport: where workerd looks for a worker's handlers
export default worker;
