import type { BrowserCommand } from 'vitest/node';
import type { LoginServer, LoginServerOptions } from './login-server.ts';

/** What can be asked of a login server from a page. */
export type LoginMethod =
  | 'consent'
  | 'hold'
  | 'untilHeld'
  | 'release'
  | 'forgetAccessTokens'
  | 'state'
  | 'secrets'
  | 'stop';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Starts a server that all tabs can reach; resolves with its issuer. */
    startLogin(options: LoginServerOptions): Promise<string>;
    /** Calls a method of the server with this issuer. */
    callLogin(issuer: string, method: LoginMethod, ...args: readonly string[]): Promise<any>;
  }
}

const servers = new Map<string, LoginServer>();

// Loaded on first use, by Node: it is no part of the configuration, which every run of every project reads.
const module = new URL('./login-server.ts', import.meta.url).href;

const startLogin: BrowserCommand<[LoginServerOptions]> = async (_command, options) => {
  const { LoginServer } = (await import(module)) as typeof import('./login-server.ts');
  const [server, issuer] = await LoginServer.start(options);
  servers.set(issuer, server);
  return issuer;
};

const callLogin: BrowserCommand<[string, LoginMethod, ...string[]]> = async (_command, issuer, method, ...args) => {
  const server = servers.get(issuer);
  if (!server) throw new Error(`There is no login server ${issuer}`);
  if (method === 'stop') servers.delete(issuer);
  return (server[method] as (...values: string[]) => unknown).apply(server, args);
};

/** Browser commands for tests whose tabs share an authorization server. */
export const loginCommands = { startLogin, callLogin };
