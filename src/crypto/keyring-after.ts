import type { KeyringState, KeyStatus } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * A change of a keyring (specification §7). The usual way of a key: `add` (pending), everybody who opens records gets to know
 * it, `promote`, the records are sealed anew, `disable`, and when no backup needs it any more `remove`.
 */
export type KeyringTransition =
  | { readonly kind: 'add'; readonly keyId: string }
  /** Makes the key the one that seals, the one that makes lookups, or both. Default both. */
  | { readonly kind: 'promote'; readonly keyId: string; readonly use?: 'seal' | 'index' }
  | { readonly kind: 'disable'; readonly keyId: string }
  /** Takes a `disable` back. */
  | { readonly kind: 'enable'; readonly keyId: string }
  /** What only this key opens is lost then, in backups too. */
  | { readonly kind: 'remove'; readonly keyId: string };

const refused = (what: string): TokenkeepError => new TokenkeepError('E_KEYRING', what);

/**
 * The state of a keyring after a transition. Whether records still need a key is not known here: ask the backend before a key
 * is disabled.
 *
 * @throws `E_KEYRING` when the keyring has no such key, or when it cannot make this step: a key that seals or makes lookups can
 * be neither disabled nor removed, and only a disabled or pending one can be removed.
 */
export function keyringAfter(state: KeyringState, transition: KeyringTransition): KeyringState {
  const { keyId } = transition;
  const status = state.keys.find((key) => key.keyId === keyId)?.status;
  if (transition.kind === 'add') {
    if (status !== undefined) throw refused(`key ${keyId} is in the keyring already`);
    return { ...state, keys: [...state.keys, { keyId, status: 'pending' }] };
  }
  if (status === undefined) throw refused(`key ${keyId} is not in the keyring; list its keys to see their ids`);
  const isInUse = keyId === state.primary || keyId === state.index;
  const become = (next: KeyStatus): KeyringState['keys'] =>
    state.keys.map((key) => (key.keyId === keyId ? { keyId, status: next } : key));
  switch (transition.kind) {
    case 'promote': {
      if (status === 'disabled') throw refused(`key ${keyId} is disabled; enable it before it is promoted`);
      const { use } = transition;
      return {
        primary: use === 'index' ? state.primary : keyId,
        index: use === 'seal' ? state.index : keyId,
        keys: become('enabled'),
      };
    }
    case 'disable':
      if (isInUse) throw refused(`key ${keyId} is in use; promote another key first`);
      if (status === 'pending') throw refused(`key ${keyId} was never in use; remove it instead`);
      return { ...state, keys: become('disabled') };
    case 'enable':
      if (status === 'pending') throw refused(`key ${keyId} is pending; promote it instead`);
      return { ...state, keys: become('enabled') };
    case 'remove':
      if (isInUse) throw refused(`key ${keyId} is in use; promote another key first`);
      if (status === 'enabled') throw refused(`key ${keyId} still opens records; disable it first`);
      return { ...state, keys: state.keys.filter((key) => key.keyId !== keyId) };
  }
}
