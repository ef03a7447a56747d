export type { AccessOutcome, AccessToken } from './core/access-token.ts';
export type { AccessTokenCache } from './core/access-token-cache.ts';
export { fromBase64url, toBase64url } from './core/base64url.ts';
export type { Bytes } from './core/bytes.ts';
export { equalBytes } from './core/bytes.ts';
export type { Claim } from './core/claim.ts';
export { claimed, claimState, released, unclaimed, written } from './core/claim.ts';
export type { KeyInfo, Keyring, KeyringState, KeyStatus, RootKey, WebCryptoKey } from './core/keyring.ts';
export type {
  Json,
  OAuthToken,
  ReauthReason,
  ReauthRequired,
  SavedToken,
  TokenChange,
  TokenQuery,
} from './core/oauth-token.ts';
export type {
  BackendCapabilities,
  ClaimOutcome,
  ClaimRelease,
  ClaimRequest,
  ClaimState,
  ClosableRecordBackend,
  KeptRecord,
  KeyUse,
  LookupField,
  Lookups,
  PutCondition,
  PutOutcome,
  RecordBackend,
  RecordKeys,
  RecordPage,
  RecordWrite,
  ScanOptions,
  StoredRecord,
} from './core/record-backend.ts';
export type { Renewal, RenewalRequest } from './core/renewal.ts';
export { softExpiry } from './core/soft-expiry.ts';
export type { TokenEvent, TokenListeners } from './core/token-event.ts';
export type { ClaimableToken, ClaimableTokenStore, SaveOptions, TokenStore } from './core/token-store.ts';
export type { ErrorCode, ErrorDetail } from './core/tokenkeep-error.ts';
export { TokenkeepError } from './core/tokenkeep-error.ts';
export type { KeyringChange } from './crypto/change-keyring.ts';
export { changeKeyring } from './crypto/change-keyring.ts';
export { generateKeyring } from './crypto/generate-keyring.ts';
export type { KeyringSource } from './crypto/import-keyring.ts';
export { importKeyring } from './crypto/import-keyring.ts';
export { createTokenSource } from './manager/create-token-source.ts';
export type { RenewalSignals } from './manager/renewal-signals.ts';
export type { GetTokenOptions, TokenSource, TokenSourceOptions } from './manager/token-source.ts';
export type { AccessTokenCacheOptions, CacheNamespace } from './store/access-token-cache.ts';
export { accessTokenCache } from './store/access-token-cache.ts';
export type { EncryptedTokenStoreOptions, ListOptions, TokenPage } from './store/encrypted-token-store.ts';
export { EncryptedTokenStore } from './store/encrypted-token-store.ts';
export type { ClearField, Mismatch } from './store/find-mismatch.ts';
export type { OneTimeStoreOptions } from './store/one-time-store.ts';
export { OneTimeStore } from './store/one-time-store.ts';
export type { RotationOptions } from './store/rotate-keys.ts';
export { rotateKeys } from './store/rotate-keys.ts';
export type { CodeCounts, RotationProgress } from './store/rotation-progress.ts';
export type { ScrubFinding, ScrubOptions, ScrubProgress } from './store/scrub.ts';
export { scrub } from './store/scrub.ts';
