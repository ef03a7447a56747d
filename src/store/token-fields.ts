import type { OAuthToken } from '../core/oauth-token.ts';

/** The fields of a token that hold something else than text. */
type OtherField = 'obtainedAt' | 'expiresAt' | 'keepFresh' | 'reauthRequired' | 'extras';

/** The fields of a token that hold text. The id stands beside what is sealed. */
export type TextField = Exclude<keyof OAuthToken, 'id' | OtherField>;

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
  'resource',
  'tokenType',
  'idToken',
];

/** Every field that is sealed. */
export const tokenFields: readonly (TextField | OtherField)[] = [
  ...textFields,
  'obtainedAt',
  'expiresAt',
  'keepFresh',
  'reauthRequired',
  'extras',
];
