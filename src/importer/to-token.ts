import type { OAuthToken } from '../core/oauth-token.ts';
import { dataCenterOf } from '../integrations/zoho/data-center-of.ts';
import { zohoDataCenters } from '../integrations/zoho/zoho-data-centers.ts';
import type { SourceCells } from './source-row.ts';

/** The short name of one of Zoho's data centres. */
export type DataCenterName = keyof typeof zohoDataCenters;

/** What the rows of a source do not say themselves. */
export interface TokenOptions {
  /** The data centre of rows without an `api_domain`. Without it their tokens get no issuer. */
  readonly dataCenter?: DataCenterName;
  /** The instant of the import, in epoch milliseconds. Default now. */
  readonly now?: number;
}

/** A token of a source, with its id there if it has one, and what was left out of the row. */
export interface ReadToken {
  readonly token: OAuthToken;
  readonly notes: readonly string[];
}

/** An access token of Zoho lives for an hour; with a clock that is wrong, and after summer time, a few. */
const longestLifeMs = 86_400_000;

/** September 2001: what is less are seconds, not milliseconds. */
const earliest = 1_000_000_000_000;

/** Longer than all that Zoho issues or a browser takes, in UTF-16 units. */
const longest = { id: 64, value: 4096 };

/**
 * The token that a row stands for, or why it stands for none. Nothing of the row is quoted.
 *
 * An access token whose expiry makes no sense is left out where a refresh token can bring another one: the SDKs write `NaN` when an
 * answer does not say how long the token lives, and would never renew it.
 */
export function toToken(
  { id, expiryTime, apiDomain, ...texts }: SourceCells,
  { dataCenter, now = Date.now() }: TokenOptions = {},
): ReadToken | { readonly refused: string } {
  const { accessToken, refreshToken, grantToken } = texts;
  const values = [apiDomain, expiryTime, ...Object.values(texts)];
  if ((id?.length ?? 0) > longest.id || values.some((value = '') => value.length > longest.value)) {
    return { refused: 'holds a value that is longer than any of its kind' };
  }
  if ((accessToken ?? refreshToken ?? grantToken) === undefined) return { refused: 'holds no token' };
  const site =
    dataCenterOf(apiDomain, Object.values(zohoDataCenters)) ??
    (apiDomain === undefined && dataCenter ? zohoDataCenters[dataCenter] : undefined);
  if (apiDomain !== undefined && site === undefined) {
    return { refused: "names an api_domain that is none of Zoho's, and would decide where its secrets are sent" };
  }

  const notes = [];
  const expiresAt = instantOf(expiryTime, now);
  const isUnclear = accessToken !== undefined && expiryTime !== undefined && expiresAt === undefined;
  const isDead = expiresAt !== undefined && expiresAt <= now && accessToken !== undefined;
  if (refreshToken === undefined && isUnclear) return { refused: 'has an expiry_time that makes no sense' };
  if (refreshToken === undefined && grantToken === undefined && isDead) {
    return { refused: 'holds nothing but an access token that has expired' };
  }
  if (isUnclear) notes.push('without its access token, whose expiry_time makes no sense; the next call renews it');
  if (site === undefined) notes.push('without an issuer, since it has no api_domain; say which with --data-center');
  if (id === undefined) notes.push('under a new id, since it has none');
  const { accessToken: _, ...withoutAccess } = texts;
  return {
    token: {
      ...(id !== undefined && { id }),
      ...(site !== undefined && { issuer: site.accounts }),
      ...(apiDomain !== undefined && { apiDomain }),
      ...(isUnclear ? withoutAccess : texts),
      ...(accessToken !== undefined && expiresAt !== undefined && { expiresAt }),
      tokenType: 'Zoho-oauthtoken',
    },
    notes,
  };
}

/** Zoho's SDKs write an instant, in epoch milliseconds, as a decimal text. */
function instantOf(text: string | undefined, now: number): number | undefined {
  const instant = /^\d{13,14}$/.test(text ?? '') ? Number(text) : 0;
  return instant >= earliest && instant <= now + longestLifeMs ? instant : undefined;
}
