export type { EdgeOptions } from './edge-options.ts';
export type { LogoutAnswer } from './logout.ts';
export { requireOwnPage } from './require-own-page.ts';
export type { SessionAnswer } from './session.ts';
export type { Session } from './session-cookie.ts';
export { readSession } from './session-cookie.ts';
export { tokenkeep } from './tokenkeep.ts';
export type { UsableToken } from './usable-token.ts';
