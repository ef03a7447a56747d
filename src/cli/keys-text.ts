import type { KeyInfo } from '../core/keyring.ts';
import type { KeyringChange } from '../crypto/change-keyring.ts';
import { textTable } from './text-table.ts';

/** The keys of a keyring for a person: ids, states and uses. */
export function keysText(keys: readonly KeyInfo[]): string {
  const rows = keys.map(({ keyId, status, ...use }) => [keyId, status, useOf(status, use)]);
  return textTable([['key', 'state', 'use'], ...rows]);
}

function useOf(
  status: KeyInfo['status'],
  { primary, primaryIndex }: Pick<KeyInfo, 'primary' | 'primaryIndex'>,
): string {
  if (primary && primaryIndex) return 'seals, and makes lookups';
  if (primary) return 'seals';
  if (primaryIndex) return 'makes lookups';
  return status === 'disabled' ? 'none' : 'opens';
}

/** What a change has done, in a sentence. */
export function changeText(
  { kind, use }: { readonly kind: KeyringChange['kind']; readonly use?: string },
  keyId: string,
): string {
  switch (kind) {
    case 'add':
      return `Added key ${keyId}. It opens records, and seals none yet.`;
    case 'promote':
      if (use === 'seal') return `Key ${keyId} seals from now on; lookups are made as before.`;
      return use === 'index'
        ? `Key ${keyId} makes lookups from now on.`
        : `Key ${keyId} seals and makes lookups from now on.`;
    case 'disable':
      return `Key ${keyId} opens nothing any more. "tokenkeep keys enable ${keyId}" takes that back.`;
    case 'enable':
      return `Key ${keyId} opens records again.`;
    case 'remove':
      return `Key ${keyId} is gone. What only it could open is lost, in backups too.`;
  }
}

/** What comes next for a keyring whose programs all have it. */
export function nextStep(keys: readonly KeyInfo[]): string {
  const unused = keys.filter(({ primary, primaryIndex }) => !primary && !primaryIndex);
  const next = (status: KeyInfo['status']): string | undefined => unused.find((key) => key.status === status)?.keyId;
  const [pending, enabled, disabled] = [next('pending'), next('enabled'), next('disabled')];
  if (pending !== undefined) {
    return `tokenkeep keys promote ${pending}, when every program that opens records has this keyring`;
  }
  if (enabled !== undefined) {
    return `tokenkeep rotate --in PLACE, until nothing remains; then tokenkeep keys retire ${enabled} --in PLACE`;
  }
  if (disabled !== undefined) {
    return `tokenkeep keys remove ${disabled} --in PLACE, when no backup that you would restore needs it`;
  }
  return 'nothing; tokenkeep keys add begins the change of a key';
}
