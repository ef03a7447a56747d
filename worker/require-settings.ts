import type { MiddlewareHandler } from 'hono';
import { importKeyring, TokenkeepError } from 'tokenkeep';
import type { Env } from './env.ts';
import { settingsOf } from './settings.ts';

/**
 * Answers every request with 503 and the name of the setting while one is missing or wrong: a worker that serves its page
 * and fails at the first sign-in would look as if it were in order. The answer names settings and quotes none.
 */
export const requireSettings: MiddlewareHandler<{ Bindings: Env }> = async (c, next) => {
  try {
    settingsOf(c.env);
    await importKeyring(c.env.TOKENKEEP_KEYRING);
  } catch (error) {
    if (!(error instanceof TokenkeepError)) throw error;
    const message = error.code === 'E_CONFIG' ? error.message : `TOKENKEEP_KEYRING: ${error.message}`;
    console.error(`tokenkeep is not configured: ${message}`);
    return c.json({ error: { code: error.code, message } }, 503, { 'Cache-Control': 'no-store' });
  }
  return next();
};
