import type { OAuthToken, TokenQuery } from '../core/oauth-token.ts';
import type { LookupField } from '../core/record-backend.ts';

/** One field of a query, by which tokens can be looked up. */
export interface TokenKey {
  readonly field: 'id' | LookupField;
  readonly value: string;
}

/** The query as callers outside TypeScript may build it: `null` and empty texts count as absent. */
type LooseQuery = { readonly [F in keyof TokenQuery]?: TokenQuery[F] | null };

/**
 * The usable fields of a query, the deciding one first, by the order of {@link TokenStore.findToken}.
 */
export function tokenKeys(query: LooseQuery): readonly TokenKey[] {
  const client = Boolean(query.clientId) || Boolean(query.clientSecret);
  const order: readonly TokenKey['field'][] = client
    ? ['id', 'userName', 'grantToken', 'refreshToken', 'accessToken']
    : ['id', 'userName', 'accessToken', 'grantToken', 'refreshToken'];
  return order.flatMap((field) => {
    const value = query[field];
    return value ? [{ field, value }] : [];
  });
}

/**
 * Whether a token that has the deciding field also agrees with the rest of the query. A user name is looked for within the
 * issuer, client and resource that are given; a token, which is unique anyway, is refused only when it is known to be another
 * client's.
 */
export function agrees(token: OAuthToken, query: LooseQuery, { field }: TokenKey): boolean {
  if (field === 'id') return true;
  return (['issuer', 'clientId', 'resource'] as const).every((name) => {
    if (!query[name] || query[name] === token[name]) return true;
    return field !== 'userName' && token[name] === undefined;
  });
}

/**
 * Whether a token has all of the scope that a query demands. Scopes are separated by spaces (RFC 6749 §3.3), or by commas
 * as some servers write them.
 */
export function covers({ scope }: OAuthToken, demanded: string | null | undefined): boolean {
  if (!demanded) return true;
  const granted = new Set(scope?.split(/[ ,]+/));
  return demanded.split(/[ ,]+/).every((one) => one === '' || granted.has(one));
}

/**
 * What must be unique in the store, as one text: a user of one client at one issuer, for one resource where it names one;
 * for a token without a user, the field it will be found by; else its id.
 */
export function identityOf(token: OAuthToken, id: string): string {
  const { userName, issuer, clientId, resource } = token;
  if (userName !== undefined) {
    const user = ['user', issuer ?? null, clientId ?? null, userName];
    return JSON.stringify(resource ? [...user, resource] : user);
  }
  const [key] = tokenKeys({ ...token, id: null });
  return JSON.stringify(key === undefined ? ['id', id] : [key.field, key.value]);
}
