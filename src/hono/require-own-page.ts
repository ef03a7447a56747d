import type { MiddlewareHandler } from 'hono';
import type { Edge } from './edge.ts';
import { isFromOwnPage } from './is-from-own-page.ts';
import type { Refusal } from './refusal.ts';
import { refuseWithJson } from './refuse.ts';
import type { EdgeRoute } from './serve.ts';

const refusal: Refusal = {
  status: 403,
  code: 'E_CROSS_SITE',
  message: 'this request did not come from a page of this origin; make it from one',
};

/**
 * A middleware that refuses requests from pages of other origins with 403 (see {@link isFromOwnPage}): for routes of your
 * own that act for a session.
 *
 * @param origin our own origin. Default: the one of the request's URL, see {@link EdgeOptions.origin}.
 */
export function requireOwnPage(origin?: string): MiddlewareHandler {
  return async function requireOwnPage(c, next) {
    const own = origin ?? new URL(c.req.url).origin;
    if (!isFromOwnPage(c.req.method, c.req.raw.headers, own)) return refuseWithJson(c, refusal);
    return next();
  };
}

/** A route that is for our own pages alone. */
export function forOwnPage(route: EdgeRoute): EdgeRoute {
  return (c, edge: Edge) =>
    isFromOwnPage(c.req.method, c.req.raw.headers, edge.origin) ? route(c, edge) : refuseWithJson(c, refusal);
}
