export type { AuthorizationRequest } from './authorize.ts';
export { authorize } from './authorize.ts';
export { exchange } from './exchange.ts';
export type { OAuthClient } from './oauth-client.ts';
export type { OAuthOptions } from './oauth-options.ts';
export type { Provider } from './provider.ts';
export { refresh } from './refresh.ts';
export { revoke } from './revoke.ts';
export type { Transaction } from './transaction.ts';
