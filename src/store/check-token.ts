import { isInstant } from '../core/is-instant.ts';
import { isWellFormed } from '../core/is-well-formed.ts';
import type { TokenChange } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { textFields, tokenFields } from './token-fields.ts';

const maxDepth = 32;
const known: ReadonlySet<string> = new Set([...tokenFields, 'id', 'revision']);

const refused = (what: string): TokenkeepError => new TokenkeepError('E_INPUT', what);

/**
 * Refuses what could not be stored and read back unchanged, before anything is written.
 *
 * @throws `E_INPUT` with a sentence that names the field and never its value.
 */
export function checkToken(token: TokenChange): void {
  for (const field of Object.keys(token)) {
    if (!known.has(field)) throw refused('the token has an unknown field; put what the server added into extras');
  }
  for (const field of ['id', ...textFields] as const) checkText(field, token[field]);
  const { revision, keepFresh, reauthRequired, extras } = token;
  for (const field of ['obtainedAt', 'expiresAt'] as const) {
    const instant = token[field];
    if (instant === undefined || instant === null || isInstant(instant)) continue;
    throw refused(`${field} is not a positive whole number; give epoch milliseconds, or leave it out`);
  }
  if (keepFresh !== undefined && keepFresh !== null && typeof keepFresh !== 'boolean') {
    throw refused('keepFresh is neither true nor false; choose, or leave it out');
  }
  if (reauthRequired !== undefined && reauthRequired !== null && !isReauthRequired(reauthRequired)) {
    throw refused(
      'reauthRequired is not a known reason and its time in epoch milliseconds; leave it to the token source',
    );
  }
  if (revision !== undefined && !(Number.isSafeInteger(revision) && revision >= 0)) {
    throw refused(
      'revision is not a whole number; hand back the one that was read, 0 for a new token, or leave it out',
    );
  }
  if (extras !== undefined && extras !== null) {
    if (!isPlainObject(extras)) throw refused('extras is not a plain object; put the value under a name');
    checkJson(extras, 0);
  }
}

function isReauthRequired(value: unknown): boolean {
  if (!isPlainObject(value) || Object.keys(value).length !== 2) return false;
  return (value.reason === 'refused' || value.reason === 'interrupted') && isInstant(value.at);
}

function checkText(field: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'string') throw refused(`${field} is not a text; convert it, or leave it out`);
  if (value === '') throw refused(`${field} is empty; leave it out, or clear it with null`);
  if (!isWellFormed(value)) throw refused(`${field} holds a lone surrogate; send well-formed text`);
}

function checkJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (depth >= maxDepth) throw refused(`extras is nested deeper than ${maxDepth} levels; flatten it`);
  if (Array.isArray(value)) for (const item of value) checkJson(item, depth + 1);
  else if (isPlainObject(value)) for (const item of Object.values(value)) checkJson(item, depth + 1);
  else
    throw refused(
      'extras holds something that JSON cannot; keep to text, finite numbers, booleans, null, lists and objects',
    );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // an object of another realm (an iframe, a test sandbox) has another Object.prototype
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
