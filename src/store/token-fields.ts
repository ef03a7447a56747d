import type { OAuthToken } from '../core/oauth-token.ts';

/** The fields of a token that hold text. The id stands beside what is sealed. */
export type TextField = Exclude<keyof OAuthToken, 'id' | 'expiresAt' | 'extras'>;

/** The text fields, in the order in which they are sealed. */
export const textFields: readonly TextField[] = [
  'userName',
  'issuer',
  'clientId',
  'clientSecret',
  'redirectUrl',
  'grantToken',
  'accessToken',
  'refreshToken',
  'apiDomain',
  'scope',
  'tokenType',
  'idToken',
];

/** Every field that is sealed. */
export const tokenFields: readonly (TextField | 'expiresAt' | 'extras')[] = [...textFields, 'expiresAt', 'extras'];
