import type { Context } from 'hono';
import { type Edge, openEdge } from './edge.ts';
import type { EdgeOptions } from './edge-options.ts';
import { keepRunning } from './keep-running.ts';
import { refusalOf } from './refusal.ts';
import { refuseWithJson } from './refuse.ts';

/** What a route does. It answers, or throws. */
export type EdgeRoute = (c: Context, edge: Edge) => Response | Promise<Response>;

/** How a route that threw is answered. */
export type Refuse = (c: Context, error: unknown) => Response | Promise<Response>;

const withJson: Refuse = (c, error) => refuseWithJson(c, refusalOf(error));

/**
 * Makes a route a handler of Hono: opens what the route works with, answers its errors, and forbids keeping the answer.
 *
 * Whatever the route began is brought to its end even when the client hangs up: a sign-in whose code is redeemed and not
 * saved would be lost.
 */
export function serve(
  optionsOf: (c: Context) => EdgeOptions,
  route: EdgeRoute,
  refuse: Refuse = withJson,
): (c: Context) => Promise<Response> {
  const answer = async (c: Context): Promise<Response> => {
    try {
      return await route(c, await openEdge(c, optionsOf(c)));
    } catch (error) {
      return refuse(c, error);
    }
  };
  return async (c) => {
    const answered = answer(c);
    keepRunning(c)(answered);
    const response = await answered;
    response.headers.set('Cache-Control', 'no-store');
    response.headers.set('Referrer-Policy', 'no-referrer'); // the callback's address holds a code
    response.headers.set('X-Content-Type-Options', 'nosniff');
    return response;
  };
}
