import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * The members of a request's body. No body has none. Call it for callers who are known only: it reads all there is.
 *
 * @throws `E_INPUT` for anything but a JSON object.
 */
export async function jsonBody(c: Context): Promise<{ readonly [name: string]: unknown }> {
  const text = await c.req.text();
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // reported below, without the parser's message: it would quote the body
  }
  throw new TokenkeepError('E_INPUT', 'the body is not a JSON object; send one, or none');
}
