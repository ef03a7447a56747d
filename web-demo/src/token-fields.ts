import type { SavedToken } from 'tokenkeep';

const instants = new Set(['expiresAt', 'obtainedAt']);

/** A token's fields as texts, those first that one looks for. */
export function tokenFields(token: Partial<SavedToken>): readonly (readonly [name: string, value: string])[] {
  const { id: _id, revision: _revision, userName, accessToken, refreshToken, ...rest } = token;
  return Object.entries({ userName, accessToken, refreshToken, ...rest })
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => [name, instants.has(name) ? new Date(Number(value)).toISOString() : textOf(value)] as const,
    );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
