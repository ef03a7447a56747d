import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { jsonBody } from './json-body.ts';

/**
 * A member of a JSON body that has to be there.
 *
 * @throws `E_INPUT` when it is not, or is no text.
 */
export async function requiredText(c: Context, name: string): Promise<string> {
  const value = (await jsonBody(c))[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new TokenkeepError('E_INPUT', `the body has no ${name}; send a JSON object with it`);
}
