import { type RecordBackend, TokenkeepError } from 'tokenkeep';
import { d1Backend } from 'tokenkeep/d1';
import type { EdgeOptions } from 'tokenkeep/hono';
import { kvBackend } from 'tokenkeep/kv';
import type { Env } from './env.ts';

/** What the environment says, checked. */
export interface Settings {
  readonly backend: 'd1' | 'kv';
  readonly issuer: string;
  readonly api: string;
  /** The public client of the page; absent when the page does not sign in by itself. */
  readonly pageClientId: string | undefined;
  readonly edge: EdgeOptions;
}

const known = new WeakMap<Env, Settings>();

/**
 * Reads the environment, once.
 *
 * @throws `E_CONFIG` when a variable or binding is missing or wrong; the message names it and never holds its value.
 */
export function settingsOf(env: Env): Settings {
  const settings = known.get(env) ?? read(env);
  known.set(env, settings);
  return settings;
}

function read(env: Env): Settings {
  const backend = env.TOKEN_BACKEND ?? 'd1';
  if (backend !== 'd1' && backend !== 'kv') throw wrong('TOKEN_BACKEND', 'd1 or kv');
  const issuer = addressOf(env, 'OAUTH_ISSUER').value;
  const api = addressOf(env, 'API_ORIGIN').value;
  const clientId = env.OAUTH_CLIENT_ID || undefined;
  if (clientId === undefined) throw wrong('OAUTH_CLIENT_ID', 'the id of this client at the authorization server');
  const secret = env.OAUTH_CLIENT_SECRET || undefined;
  return {
    backend,
    issuer,
    api,
    pageClientId: env.PAGE_CLIENT_ID || undefined,
    edge: {
      backend: backendOf(env, backend),
      keyring: env.TOKENKEEP_KEYRING,
      client: {
        provider: { issuer },
        clientId,
        ...(secret !== undefined && { clientSecret: secret }),
        scope: (env.OAUTH_SCOPE ?? 'openid offline_access').split(/\s+/).filter((scope) => scope !== ''),
      },
      api,
      ...(env.PUBLIC_ORIGIN && { origin: addressOf(env, 'PUBLIC_ORIGIN').origin }),
    },
  };
}

function backendOf({ DB, KV }: Env, backend: 'd1' | 'kv'): RecordBackend {
  if (backend === 'd1') {
    if (DB === undefined) throw wrong('the binding DB', 'a D1 database');
    return d1Backend(DB);
  }
  if (KV === undefined) throw wrong('the binding KV', 'a KV namespace');
  return kvBackend(KV);
}

function addressOf(
  env: Env,
  name: 'OAUTH_ISSUER' | 'API_ORIGIN' | 'PUBLIC_ORIGIN',
): { readonly value: string; readonly origin: string } {
  const value = env[name] ?? '';
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const local = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) return { value, origin: url.origin };
  throw wrong(name, 'an https: URL; http: is for localhost only');
}

function wrong(name: string, value: string): TokenkeepError {
  return new TokenkeepError('E_CONFIG', `set ${name} to ${value}`);
}
