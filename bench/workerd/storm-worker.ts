// One isolate of the refresh storm. The same token is kept twice, by tokenkeep and in a plain table, for three ways to renew.

import { d1Backend } from '../../src/backends/d1-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';

interface Env {
  readonly DB: D1Database;
  readonly KEYRING: string;
  readonly ISSUER: string;
  readonly CLIENT_ID: string;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: number;
}

/** A way to come to an access token that works. */
type Shape = (user: string, env: Env, context: ExecutionContext) => Promise<string>;

let keyring: Keyring | undefined;
const underWay = new Map<string, Promise<string>>();

async function storeOf(env: Env): Promise<EncryptedTokenStore> {
  keyring ??= await importKeyring(env.KEYRING);
  return new EncryptedTokenStore({ backend: d1Backend(env.DB), keyring });
}

/** One call to the authorization server, the same for all shapes. */
async function refresh(refreshToken: string, env: Env): Promise<Tokens> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: env.CLIENT_ID };
  const response = await fetch(`${env.ISSUER}/token`, { method: 'POST', body: new URLSearchParams(form) });
  const answer = (await response.json()) as Record<string, string>;
  if (!response.ok) throw new TokenkeepError('E_OAUTH', 'the server refused', { oauthError: answer.error ?? '' });
  return {
    accessToken: answer.access_token ?? '',
    refreshToken: answer.refresh_token ?? '',
    expiresAt: Date.now() + Number(answer.expires_in) * 1000,
  };
}

const tokenkeep: Shape = async (userName, env, context) => {
  const source = createTokenSource({
    store: await storeOf(env),
    query: { userName, issuer: env.ISSUER, clientId: env.CLIENT_ID },
    refresh: async (token) => ({ ...(await refresh(token.refreshToken ?? '', env)), obtainedAt: Date.now() }),
    waitUntil: (work) => context.waitUntil(work),
  });
  return (await source.getToken()).accessToken;
};

/** Reads, renews what has expired, and writes: `getAccessToken` of better-auth, and the guide of Auth.js. */
const naive: Shape = async (user, env) => {
  const row = await env.DB.prepare('SELECT token FROM storm WHERE user = ?').bind(user).first<string>('token');
  const stored = JSON.parse(row ?? '') as Tokens;
  if (stored.expiresAt - Date.now() > 5000) return stored.accessToken;
  const renewed = await refresh(stored.refreshToken, env);
  await env.DB.prepare('UPDATE storm SET token = ? WHERE user = ?').bind(JSON.stringify(renewed), user).run();
  return renewed.accessToken;
};

/** The same behind a promise that all callers of an isolate share: the usual remedy. */
const perIsolate: Shape = (user, env, context) => {
  let work = underWay.get(user);
  if (work === undefined) {
    work = naive(user, env, context).finally(() => underWay.delete(user));
    underWay.set(user, work);
  }
  return work;
};

const shapes: Readonly<Record<string, Shape>> = { tokenkeep, naive, 'per-isolate': perIsolate };

const isolate: ExportedHandler<Env> = {
  /** `PUT /user` keeps tokens, `POST /user?upstream` renews them and no more, `POST /user?shape` asks for a token. */
  async fetch(request, env, context) {
    const { pathname, search } = new URL(request.url);
    const [user, way] = [pathname.slice(1), search.slice(1)];
    try {
      if (request.method === 'PUT') {
        const tokens = (await request.json()) as Tokens;
        const owner = { userName: user, issuer: env.ISSUER, clientId: env.CLIENT_ID };
        await (await storeOf(env)).saveToken({ ...owner, ...tokens, obtainedAt: tokens.expiresAt - 3_600_000 });
        await env.DB.exec('CREATE TABLE IF NOT EXISTS storm (user TEXT PRIMARY KEY, token TEXT)');
        await env.DB.prepare('INSERT INTO storm VALUES (?, ?)').bind(user, JSON.stringify(tokens)).run();
        return new Response();
      }
      if (way === 'upstream') return new Response((await refresh(await request.text(), env)).accessToken);
      return new Response(await shapes[way]?.(user, env, context));
    } catch (error) {
      return new Response(error instanceof TokenkeepError ? error.code : 'failed', { status: 502 });
    }
  },
};

// biome-ignore lint/style/noDefaultExport: where workerd looks for a worker's handlers
export default isolate;
