import type { SavedToken } from '../core/oauth-token.ts';
import type { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { OAuthClient } from '../oauth/oauth-client.ts';
import type { EncryptedTokenStore } from '../store/encrypted-token-store.ts';

/** What a store holds for one client. */
interface PageTokens {
  /** Usually one: two only while two tabs sign different users in. In a fixed order, so that all tabs choose the same. */
  readonly tokens: readonly SavedToken[];
  /** Records of anybody that are damaged, or whose key is lost for good. */
  readonly unreadable: readonly { readonly id: string; readonly error: TokenkeepError }[];
}

/** A newer version's records and those of a disabled key may open again one day; these do not. */
const hopeless: ReadonlySet<string> = new Set(['E_AUTH', 'E_FORMAT', 'E_KEY_UNKNOWN']);

/**
 * The tokens of this issuer and client. They are found by reading all, because a page does not remember who is signed
 * in: a fixed record id would let a late renewal for one user land in the record of the next.
 */
export async function readPageTokens(
  store: EncryptedTokenStore,
  { provider, clientId }: OAuthClient,
): Promise<PageTokens> {
  const tokens: SavedToken[] = [];
  const unreadable: { id: string; error: TokenkeepError }[] = [];
  const onCorrupt = (error: TokenkeepError, id: string): void => {
    if (!hopeless.has(error.code)) throw error;
    unreadable.push({ id, error });
  };
  for await (const token of store.tokens({ onCorrupt })) {
    if (token.issuer === provider.issuer && token.clientId === clientId) tokens.push(token);
  }
  tokens.sort((left, right) => (left.id < right.id ? -1 : 1));
  return { tokens, unreadable };
}
