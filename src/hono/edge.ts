import type { Context } from 'hono';
import { basePath } from 'hono/route';
import { OneTimeStore } from '../store/one-time-store.ts';
import type { EdgeOptions } from './edge-options.ts';
import { type EdgeServices, openServices } from './edge-services.ts';
import { keepRunning } from './keep-running.ts';

/** What the routes work with: built for one request, and gone with it. */
export interface Edge extends EdgeServices {
  /** The sign-ins that have been completed, or given up, within the last minutes. */
  readonly spentLogins: OneTimeStore;
  /** Our own origin. */
  readonly origin: string;
  /** Where the routes are mounted: empty, or a path without a slash at the end. */
  readonly base: string;
}

/**
 * @throws `E_KEYRING` when the keyring setting is missing or malformed.
 */
export async function openEdge(c: Context, options: EdgeOptions): Promise<Edge> {
  const origin = options.origin ?? new URL(c.req.url).origin;
  const base = basePath(c).replace(/\/+$/, '');
  const services = await openServices(options, `${origin}${base}/auth/callback`, keepRunning(c));
  const { keyring, tenant, now } = services;
  const { backend } = options;
  const spentLogins = new OneTimeStore({ backend, keyring, tenant, collection: 'spent-logins', now });
  return { ...services, spentLogins, origin, base };
}
