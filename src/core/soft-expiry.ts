import type { SavedToken } from './oauth-token.ts';

/**
 * From when on an access token should be renewed although it still works, in epoch milliseconds: before its expiry by the
 * larger of a minute and a tenth of its lifetime, but never before half of its lifetime is over. Up to a quarter earlier,
 * the same for all who ask, so that tokens obtained together are not all renewed together.
 *
 * A lifetime that nobody knows counts as ten minutes.
 *
 * @returns `undefined` for a token without an expiry.
 */
export function softExpiry({ id, revision, obtainedAt, expiresAt }: SavedToken): number | undefined {
  if (expiresAt === undefined) return undefined;
  const lifetime = Math.max(0, expiresAt - (obtainedAt ?? expiresAt - 600_000));
  const window = Math.min(Math.max(60_000, lifetime / 10) * (1 + spread(`${id} ${revision}`) / 4), lifetime / 2);
  return Math.floor(expiresAt - window);
}

/** A number from 0 to 1 that looks random and is always the same for a text (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash / 0xffffffff;
}
