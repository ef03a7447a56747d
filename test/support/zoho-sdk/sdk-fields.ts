import * as sdk from '@zohocrm/typescript-sdk-8.0';

/** The fields of a token of the SDK. */
export interface SdkFields {
  readonly id?: string;
  readonly user?: string;
  readonly client?: string;
  readonly secret?: string;
  readonly redirect?: string;
  readonly grant?: string;
  readonly refresh?: string;
  readonly access?: string;
  readonly expires?: string;
  readonly api?: string;
}

/** A token with these fields, made without a builder and its checks. */
export function sdkToken(fields: SdkFields): sdk.OAuthToken {
  const made: sdk.OAuthToken = Reflect.construct(sdk.OAuthToken, []);
  if (fields.id !== undefined) made.setId(fields.id);
  if (fields.user !== undefined) made.setUserSignature(new sdk.UserSignature(fields.user));
  if (fields.client !== undefined) made.setClientId(fields.client);
  if (fields.secret !== undefined) made.setClientSecret(fields.secret);
  if (fields.redirect !== undefined) made.setRedirectURL(fields.redirect);
  if (fields.grant !== undefined) made.setGrantToken(fields.grant);
  if (fields.refresh !== undefined) made.setRefreshToken(fields.refresh);
  if (fields.access !== undefined) made.setAccessToken(fields.access);
  if (fields.expires !== undefined) made.setExpiresIn(fields.expires);
  if (fields.api !== undefined) made.setAPIDomain(fields.api);
  return made;
}

/** What a token of the SDK holds, without what is not set. */
export function heldFields(of: sdk.OAuthToken | null): SdkFields {
  if (of === null) return {};
  const fields = {
    id: of.getId(),
    user: of.getUserSignature()?.getName(),
    client: of.getClientId(),
    secret: of.getClientSecret(),
    redirect: of.getRedirectURL(),
    grant: of.getGrantToken(),
    refresh: of.getRefreshToken(),
    access: of.getAccessToken(),
    expires: of.getExpiresIn(),
    api: of.getAPIDomain(),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
