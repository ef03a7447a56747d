import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from './env.ts';
import { settingsOf } from './settings.ts';

/**
 * The headers of every answer. The policy lets the page load its own files and nothing else; it may call the authorization
 * server and the API only where it signs in by itself. Scripts come from files alone, and lit's templates are the one way
 * to make HTML. A route that sets a stricter policy keeps it.
 */
export const securityHeaders: MiddlewareHandler<{ Bindings: Env }> = (c, next) => {
  const { issuer, api, pageClientId } = settingsOf(c.env);
  const servers = pageClientId === undefined ? [] : [issuer, api].map((address) => new URL(address).origin);
  return secureHeaders({
    overwrite: false,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      baseUri: ["'none'"],
      connectSrc: ["'self'", ...servers],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      imgSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: ['lit-html'],
    },
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
    // Not for subdomains, which are not ours to speak for; browsers ignore it over http.
    strictTransportSecurity: 'max-age=31536000',
    xFrameOptions: 'DENY',
  })(c, next);
};
