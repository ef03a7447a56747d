import type { OAuthToken } from '../core/oauth-token.ts';
import type { RowReport } from './import-report.ts';
import type { PlannedToken } from './planned-token.ts';

/**
 * One token for each user of a client, and for each grant where no user is named: the one with the later expiry. What it lacks is taken
 * from the others, which are the same user's.
 */
export function mergeRows(found: readonly PlannedToken[]): {
  readonly tokens: readonly PlannedToken[];
  readonly merged: readonly RowReport[];
} {
  const byOwner = new Map<string, PlannedToken[]>();
  for (const planned of found) {
    const owner = ownerOf(planned.token);
    const rows = byOwner.get(owner);
    if (rows === undefined) byOwner.set(owner, [planned]);
    else rows.push(planned);
  }
  const tokens: PlannedToken[] = [];
  const merged: RowReport[] = [];
  for (const rows of byOwner.values()) {
    // of two that know as much, the later row: the SDKs write new rows at the end
    const [winner, ...losers] = rows.sort(
      (left, right) => rank(right.token) - rank(left.token) || right.row - left.row,
    );
    if (winner === undefined) continue;
    const token = losers.reduce((known, loser) => fill(known, loser.token), winner.token);
    tokens.push({ ...winner, token, others: losers.map(({ row }) => row) });
    for (const { row } of losers) merged.push({ row, outcome: 'merged', others: [winner.row] });
  }
  return { tokens: tokens.sort((left, right) => left.row - right.row), merged };
}

function ownerOf({ issuer, clientId, userName, refreshToken, grantToken, accessToken }: OAuthToken): string {
  return JSON.stringify([issuer, clientId, userName ?? { grant: refreshToken ?? grantToken ?? accessToken }]);
}

function rank({ expiresAt = 0, refreshToken }: OAuthToken): number {
  return expiresAt || (refreshToken === undefined ? 0 : 1);
}

/**
 * The id of another row is not taken: whoever asks for that one means another token. An access token keeps its own expiry, because a row
 * with an expiry is never filled into one without.
 */
function fill(token: OAuthToken, { id: _, ...others }: OAuthToken): OAuthToken {
  return { ...others, ...token };
}
