import { type AccessTokenCache, type RecordBackend, TokenkeepError } from 'tokenkeep';
import { d1Backend } from 'tokenkeep/d1';
import type { AdministrationOptions, EdgeOptions } from 'tokenkeep/hono';
import { kvBackend } from 'tokenkeep/kv';
import { cachedAccessTokens } from './cached-access-tokens.ts';
import type { Env } from './env.ts';
import { logEvent } from './log-event.ts';

/** Where tokens are kept. */
export type BackendName = 'd1' | 'kv' | 'd1+kv';

/** What the environment says, checked. */
export interface Settings {
  readonly backend: BackendName;
  readonly issuer: string;
  readonly api: string;
  /** The public client of the page; absent when the page does not sign in by itself. */
  readonly pageClientId: string | undefined;
  readonly edge: EdgeOptions;
  /** Absent where no secret opens the administration. */
  readonly administration: AdministrationOptions | undefined;
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
  const backend = choiceOf(env, 'TOKEN_BACKEND', ['d1', 'kv', 'd1+kv']);
  const rotation = choiceOf(env, 'OAUTH_ROTATION', ['strict', 'none']);
  if (backend === 'kv' && rotation === 'strict') {
    throw new TokenkeepError(
      'E_CONFIG',
      'set TOKEN_BACKEND to d1 or d1+kv: in KV two requests can spend one refresh token; or set OAUTH_ROTATION to none, if the authorization server does not replace refresh tokens',
    );
  }
  const issuer = addressOf(env, 'OAUTH_ISSUER').value;
  const api = addressOf(env, 'API_ORIGIN').value;
  const clientId = env.OAUTH_CLIENT_ID || undefined;
  if (clientId === undefined) throw wrong('OAUTH_CLIENT_ID', 'the id of this client at the authorization server');
  const clientSecret = env.OAUTH_CLIENT_SECRET || undefined;
  const cache = cacheOf(env, backend);
  const edge: EdgeOptions = {
    backend: backendOf(env, backend),
    keyring: env.TOKENKEEP_KEYRING,
    client: {
      provider: { issuer, rotation, whenInDoubt: choiceOf(env, 'OAUTH_IN_DOUBT', ['retry-once', 'sign-in']) },
      clientId,
      ...(clientSecret !== undefined && { clientSecret }),
      scope: (env.OAUTH_SCOPE ?? 'openid offline_access').split(/\s+/).filter((scope) => scope !== ''),
    },
    api,
    onEvent: logEvent,
    ...(cache && { cache }),
    ...(env.KEEP_FRESH === 'on' && { keepFresh: true }),
    ...(env.PUBLIC_ORIGIN && { origin: addressOf(env, 'PUBLIC_ORIGIN').origin }),
  };
  const secret = env.TOKENKEEP_ADMIN_SECRET || undefined;
  if (secret !== undefined && secret.length < 32) throw wrong('TOKENKEEP_ADMIN_SECRET', '32 random characters or more');
  const administration = secret === undefined ? undefined : { ...edge, secret };
  return { backend, issuer, api, pageClientId: env.PAGE_CLIENT_ID || undefined, edge, administration };
}

function backendOf({ DB, KV }: Env, backend: BackendName): RecordBackend {
  if (backend === 'kv') return kvBackend(bound('KV', KV));
  return d1Backend(bound('DB', DB));
}

function cacheOf({ KV, TOKENKEEP_KEYRING }: Env, backend: BackendName): AccessTokenCache | undefined {
  return backend === 'd1+kv' ? cachedAccessTokens(bound('KV', KV), TOKENKEEP_KEYRING) : undefined;
}

function bound<Binding>(name: 'DB' | 'KV', binding: Binding | undefined): Binding {
  if (binding === undefined) throw wrong(`the binding ${name}`, name === 'DB' ? 'a D1 database' : 'a KV namespace');
  return binding;
}

/** One of the choices; the first when nothing is set. */
function choiceOf<Choice extends string>(
  env: Env,
  name: 'TOKEN_BACKEND' | 'OAUTH_ROTATION' | 'OAUTH_IN_DOUBT',
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const [first] = choices;
  const choice = choices.find((one) => one === (env[name] ?? first));
  if (choice === undefined) throw wrong(name, `one of: ${choices.join(', ')}`);
  return choice;
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
