import { Hono } from 'hono';
import { EncryptedTokenStore, importKeyring, type OAuthToken, type TokenChange } from 'tokenkeep';
import { readSession, requireOwnPage } from 'tokenkeep/hono';
import type { Env } from './env.ts';
import { settingsOf } from './settings.ts';
import { storedRecord } from './stored-record.ts';

const minute = 60_000;

/**
 * What the demo page shows and a product never would: the stored record beside the token it holds. Only where the variable
 * DEMO is `on`; everywhere else these addresses do not exist.
 *
 * - `GET /demo/settings`: what the page needs to sign in by itself.
 * - `GET /demo/record`: the record of the session at rest, and its token or why it does not open.
 * - `POST /demo/expire`: moves the access token's expiry into the past, so that the next use renews it. With
 *   `{ "soft": true }` it makes the token old instead, so that it still works and is to be renewed.
 */
export const demoRoutes: Hono<{ Bindings: Env }> = new Hono<{ Bindings: Env }>();

demoRoutes.use('/demo/*', async (c, next) => {
  if (c.env.DEMO !== 'on') return c.notFound();
  c.header('Cache-Control', 'no-store');
  return requireOwnPage(settingsOf(c.env).edge.origin)(c, next);
});

demoRoutes.get('/demo/settings', (c) => {
  const { issuer, pageClientId, api, backend, edge } = settingsOf(c.env);
  const { rotation } = edge.client.provider;
  return c.json({ issuer, pageClientId, apiOrigin: api, backend, rotation });
});

demoRoutes.get('/demo/record', async (c) => {
  const { backend, edge } = settingsOf(c.env);
  const session = await readSession(c, edge);
  const record = session && (await storedRecord(c.env, backend, session.tokenId));
  if (session === undefined || record === undefined) return c.json(notSignedIn, 401);
  const store = new EncryptedTokenStore({ backend: edge.backend, keyring: await importKeyring(edge.keyring) });
  try {
    return c.json({ ...record, token: await store.findTokenById(session.tokenId) });
  } catch (error) {
    return c.json({ ...record, refused: (error as Error).message });
  }
});

demoRoutes.post('/demo/expire', async (c) => {
  const { edge } = settingsOf(c.env);
  const session = await readSession(c, edge);
  const store = new EncryptedTokenStore({ backend: edge.backend, keyring: await importKeyring(edge.keyring) });
  const token = session && (await store.findTokenById(session.tokenId));
  if (token === undefined) return c.json(notSignedIn, 401);
  const { soft = false } = await c.req.json<{ soft?: unknown }>().catch(() => ({ soft: false }));
  const { expiresAt } = await store.saveToken({ id: token.id, ...(soft === true ? aged(token) : expired()) });
  await edge.cache?.forget({ id: token.id });
  return c.json({ expiresAt });
});

function expired(): TokenChange {
  return { expiresAt: Date.now() - minute };
}

/** As if nine tenths of its life were over: it expires when it did before. */
function aged({ expiresAt = Date.now() + minute }: OAuthToken): TokenChange {
  return { expiresAt, obtainedAt: expiresAt - 20 * Math.max(expiresAt - Date.now(), minute) };
}

const notSignedIn = { error: { code: 'E_REAUTH', message: 'nobody is signed in here; sign in first' } } as const;
