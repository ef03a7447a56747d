import type { SavedToken } from 'tokenkeep';

/** A token's fields as texts, those first that one looks for. */
export function tokenFields(token: Partial<SavedToken>): readonly (readonly [name: string, value: string])[] {
  const { id: _id, revision: _revision, userName, accessToken, refreshToken, ...rest } = token;
  return Object.entries({ userName, accessToken, refreshToken, ...rest })
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => [name, name === 'expiresAt' ? new Date(Number(value)).toISOString() : textOf(value)] as const,
    );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
