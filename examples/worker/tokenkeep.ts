import type { KeyringSource } from 'tokenkeep';
import { type D1Like, d1Backend } from 'tokenkeep/d1';
import { type EdgeOptions, maintain, tokenkeep } from 'tokenkeep/hono';

/** The bindings, variables and secrets that tokenkeep reads. */
export interface TokenkeepEnv {
  readonly DB: D1Like;
  /** Secret: what `npx tokenkeep keygen` prints. */
  readonly TOKENKEEP_KEYRING: KeyringSource;
  readonly OAUTH_ISSUER: string;
  readonly OAUTH_CLIENT_ID: string;
  /** Secret: absent for a public client. */
  readonly OAUTH_CLIENT_SECRET?: string;
  readonly OAUTH_SCOPE?: string;
  /** The base address that /api/* is forwarded to, with the access token added. Absent: nowhere. */
  readonly API_ORIGIN?: string;
  /** The origin that browsers see, where it is not that of the requests. */
  readonly PUBLIC_ORIGIN?: string;
  /** `on` has the scheduled work renew tokens before they expire. */
  readonly KEEP_FRESH?: string;
}

/** What tokenkeep is told. */
export function tokenkeepOptions(env: TokenkeepEnv): EdgeOptions {
  return {
    backend: d1Backend(env.DB),
    keyring: env.TOKENKEEP_KEYRING,
    client: {
      provider: { issuer: env.OAUTH_ISSUER },
      clientId: env.OAUTH_CLIENT_ID,
      ...(env.OAUTH_CLIENT_SECRET ? { clientSecret: env.OAUTH_CLIENT_SECRET } : {}),
      scope: (env.OAUTH_SCOPE || 'openid offline_access').split(' '),
    },
    api: env.API_ORIGIN || undefined,
    origin: env.PUBLIC_ORIGIN || undefined,
    keepFresh: env.KEEP_FRESH === 'on',
    // events hold ids and no secrets, so that any log may have them
    onEvent: (event) => console.log(JSON.stringify(event)),
  };
}

/** /auth/login, /auth/callback, /auth/session, /auth/token, /auth/logout and /api/*. */
export const tokenkeepRoutes = tokenkeep<{ Bindings: TokenkeepEnv }>(tokenkeepOptions);

/** The handler of scheduled work: deletes what has expired, and renews what is to be kept fresh. */
export async function tokenkeepScheduled(
  _controller: unknown,
  env: TokenkeepEnv,
  context: { waitUntil(work: Promise<unknown>): void },
): Promise<void> {
  const report = await maintain(tokenkeepOptions(env), { waitUntil: (work) => context.waitUntil(work) });
  console.log(JSON.stringify({ type: 'maintained', ...report }));
}
