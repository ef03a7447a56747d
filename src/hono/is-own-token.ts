import type { OAuthToken } from '../core/oauth-token.ts';
import type { Edge } from './edge.ts';

/**
 * Whether a token came from this server, for this client. All mounts of one host share its session cookie: without this
 * check a user who signed in beneath one mount would show that server's token to the API of another.
 */
export function isOwnToken({ client }: Edge, { issuer, clientId }: OAuthToken): boolean {
  const { provider } = client;
  return (issuer ?? provider.issuer) === provider.issuer && (clientId ?? client.clientId) === client.clientId;
}
