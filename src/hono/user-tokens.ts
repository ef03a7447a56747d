import type { SavedToken } from '../core/oauth-token.ts';
import type { ErrorCode } from '../core/tokenkeep-error.ts';
import type { EdgeServices } from './edge-services.ts';

/** A record that is found by a user's name and cannot be read as a token of that user. */
export interface DamagedToken {
  readonly id: string;
  /** Why not. `E_INDEX_MISMATCH`: it opens, and belongs to somebody else, because the index was altered. */
  readonly code: ErrorCode;
}

/** Everything that is stored for one user, of all servers and clients of the tenant. */
export async function userTokens(
  { store }: EdgeServices,
  userName: string,
): Promise<{ readonly tokens: readonly SavedToken[]; readonly damaged: readonly DamagedToken[] }> {
  const damaged: DamagedToken[] = [];
  const tokens = await store.findTokens({ userName }, { onCorrupt: ({ code }, id) => damaged.push({ id, code }) });
  return { tokens, damaged };
}
