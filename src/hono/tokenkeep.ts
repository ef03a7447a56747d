import { type Env, Hono } from 'hono';
import { apiProxy } from './api-proxy.ts';
import { callback } from './callback.ts';
import { checkOptions } from './check-options.ts';
import type { EdgeOptions } from './edge-options.ts';
import { createKeyHalf, destroyKeyHalf, readKeyHalf } from './key-half.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { optionsFrom } from './options-from.ts';
import { callbackRefusalOf, keyHalfRefusalOf } from './refusal.ts';
import { refuseWithJson, refuseWithPage } from './refuse.ts';
import { forOwnPage } from './require-own-page.ts';
import { type Refuse, serve } from './serve.ts';
import { session } from './session.ts';
import { usableToken } from './usable-token.ts';

/** Every method but TRACE and CONNECT: an answer to TRACE would show the access token. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The routes that sign users in and call an API for them, to be mounted in an app of yours:
 *
 * ```ts
 * app.route('/', tokenkeep<{ Bindings: Env }>((env) => ({ backend: d1Backend(env.DB), … })));
 * ```
 *
 * | route | |
 * | --- | --- |
 * | `GET /auth/login?return_to=` | to the authorization server; afterwards to that path of this origin |
 * | `GET /auth/callback` | back from there |
 * | `GET /auth/session` | a {@link SessionAnswer} |
 * | `POST /auth/token` | a {@link UsableToken} |
 * | `POST /auth/logout` | a {@link LogoutAnswer} |
 * | `POST /auth/key-half` | makes the half of a split key that the session holds: a {@link KeyHalfAnswer}; 409 if there is one |
 * | `GET /auth/key-half` | that half: a {@link KeyHalfAnswer}; 404 if there is none, 429 after ten reads in a minute |
 * | `DELETE /auth/key-half` | destroys it, as everything does that ends the session |
 * | `/api/*` | the API, with the access token added |
 *
 * The answers of the API, and of `/auth/token`, say in the header `Tokenkeep-Outcome` what came of asking for the access
 * token: an {@link AccessOutcome}.
 *
 * All but the first two are for pages of this origin alone (403). Errors are `{ error: { code, message } }`, and a plain
 * page where a browser was sent. The cookies are `__Host-` ones, so that they need `https:`; on `http://localhost`
 * Chromium and Firefox take them too.
 *
 * @param configure makes the options from the bindings. Called and checked once for each `env` object.
 */
export function tokenkeep<E extends Env = Env>(configure: (env: E['Bindings']) => EdgeOptions): Hono<E> {
  const optionsOf = optionsFrom((env) => configure(env as E['Bindings'] & object), checkOptions);
  const withPage: Refuse = (c, error) => refuseWithPage(c, callbackRefusalOf(error), './login');
  const withHalf: Refuse = (c, error) => refuseWithJson(c, keyHalfRefusalOf(error));

  const app = new Hono<E>();
  app.get('/auth/login', serve(optionsOf, login, withPage));
  app.get('/auth/callback', serve(optionsOf, callback, withPage));
  app.get('/auth/session', serve(optionsOf, forOwnPage(session)));
  app.post('/auth/token', serve(optionsOf, forOwnPage(usableToken)));
  app.post('/auth/logout', serve(optionsOf, forOwnPage(logout)));
  app.post('/auth/key-half', serve(optionsOf, forOwnPage(createKeyHalf), withHalf));
  app.get('/auth/key-half', serve(optionsOf, forOwnPage(readKeyHalf), withHalf));
  app.delete('/auth/key-half', serve(optionsOf, forOwnPage(destroyKeyHalf), withHalf));
  app.on(methods, '/api/*', serve(optionsOf, forOwnPage(apiProxy)));
  return app;
}
