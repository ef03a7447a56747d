import type { LookupField } from '../core/record-backend.ts';

/** The column of an SQL table in which a record is found by this field. */
export const lookupColumns: Readonly<Record<LookupField | 'identity', string>> = {
  identity: 'identity',
  userName: 'lookup_user_name',
  accessToken: 'lookup_access_token',
  refreshToken: 'lookup_refresh_token',
  grantToken: 'lookup_grant_token',
};
