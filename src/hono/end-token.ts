import type { SavedToken } from '../core/oauth-token.ts';
import { isOwnToken } from '../oauth/is-own-token.ts';
import { revoke } from '../oauth/revoke.ts';
import type { EdgeServices } from './edge-services.ts';

/** What became of a token that was to end. */
export interface EndedToken {
  /** Whether there was a record. It is gone now either way. */
  readonly found: boolean;
  /** Whether the authorization server was told to revoke the grant (RFC 7009), where it can be told at all. */
  readonly revoked: boolean;
  /** How many live sessions have ended with it. */
  readonly sessions: number;
  /** Why the server was not told, when it was not. */
  readonly message?: string;
}

/**
 * Ends a token for good: its record, what a cache has of it, its sessions, and the grant at the authorization server. The
 * record goes first: who is renewing the token meanwhile finds nothing to save it in, and revokes what came of it; and the
 * user is signed out whatever the server says.
 *
 * @throws `E_STORAGE` when the database fails; call it again then.
 */
export async function endToken(services: EdgeServices, id: string): Promise<EndedToken> {
  const { sessions, options, keepRunning } = services;
  const taken = await takeToken(services, id);
  await options.cache?.forget({ id });
  // begun at once: nobody could say any more what is to be revoked, if ending the sessions failed
  const revoking = revocation(services, taken);
  keepRunning(revoking);
  const ended = await sessions.endOfToken(id);
  return { found: taken !== 'absent', sessions: ended, ...(await revoking) };
}

/**
 * The token that was deleted; or that there was none, or one whose record does not open. What was deleted, and not what was
 * read before: a renewal may have replaced the refresh token in between, and nobody would revoke that.
 */
async function takeToken({ store }: EdgeServices, id: string): Promise<SavedToken | 'absent' | 'damaged'> {
  let isDamaged = false;
  const onCorrupt = (): void => {
    isDamaged = true;
  };
  return (await store.takeToken(id, { onCorrupt })) ?? (isDamaged ? 'damaged' : 'absent');
}

async function revocation(
  services: EdgeServices,
  token: Awaited<ReturnType<typeof takeToken>>,
): Promise<Pick<EndedToken, 'revoked' | 'message'>> {
  if (typeof token === 'string') return { revoked: false, message: 'there was no readable token left to revoke' };
  if (!isOwnToken(services.client, token)) {
    const message = 'the token is one of another server or client; revoke the grant there';
    return { revoked: false, message };
  }
  try {
    await revoke(services.client, token, services.oauth);
    return { revoked: true };
  } catch {
    const message = 'the authorization server did not take the revocation; the grant ends there when it expires';
    return { revoked: false, message };
  }
}
