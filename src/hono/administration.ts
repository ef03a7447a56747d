import { type Context, type Env, Hono, type MiddlewareHandler } from 'hono';
import { type AdministrationOptions, checkAdministrationOptions } from './administration-options.ts';
import { forAdministrator } from './for-administrator.ts';
import { listTokens } from './list-tokens.ts';
import { optionsFrom } from './options-from.ts';
import { revokeToken } from './revoke-token.ts';
import { revokeUser } from './revoke-user.ts';
import { type EdgeRoute, serve } from './serve.ts';

/**
 * The routes of a central administration, to be mounted wherever you like:
 *
 * ```ts
 * app.route('/admin', administration<{ Bindings: Env }>((env) =>
 *   env.ADMIN_SECRET ? { ...edgeOptions(env), secret: env.ADMIN_SECRET } : undefined));
 * ```
 *
 * | route | body | |
 * | --- | --- | --- |
 * | `POST /tokens` | `{ "user": … }` | a {@link TokenListAnswer}: the user's tokens, without any secret |
 * | `POST /revoke` | `{ "id": … }` | a {@link RevocationAnswer}: ends one token and its sessions |
 * | `POST /revoke-user` | `{ "user": … }` | a {@link UserRevocationAnswer}: ends all of a user's, some with each call |
 *
 * Whoever calls sends the secret as `Authorization: Bearer …`. Every call is a POST with a JSON body, so that no user's name
 * gets into an address, and from there into a log. Errors are `{ error: { code, message } }`.
 *
 * @param configure makes the options from the bindings; called and checked once for each `env` object. Where it resolves to
 * nothing, because no secret is set, these addresses do not exist (404).
 */
export function administration<E extends Env = Env>(
  configure: (env: E['Bindings']) => AdministrationOptions | undefined,
): Hono<E> {
  const optionsOf = optionsFrom((env) => configure(env as E['Bindings'] & object), checkAdministrationOptions);
  const presentOptionsOf = (c: Context): AdministrationOptions => optionsOf(c) as AdministrationOptions;
  const isAbsent = (c: Context): boolean => {
    try {
      return optionsOf(c) === undefined;
    } catch {
      return false; // the route says what is wrong
    }
  };
  const whereConfigured: MiddlewareHandler = async (c, next) => (isAbsent(c) ? c.notFound() : next());
  const route = (answer: EdgeRoute): ((c: Context) => Promise<Response>) =>
    serve(
      presentOptionsOf,
      forAdministrator(answer, (c) => presentOptionsOf(c).secret),
    );

  const app = new Hono<E>();
  app.post('/tokens', whereConfigured, route(listTokens));
  app.post('/revoke', whereConfigured, route(revokeToken));
  app.post('/revoke-user', whereConfigured, route(revokeUser));
  return app;
}
