import {
  deviceSlot,
  edgeKeyHalf,
  passkeySlot,
  passphraseSlot,
  recoverySlot,
  type SlotKind,
  type SlotMethod,
  sessionSlot,
  splitSlot,
} from 'tokenkeep/vault';

/** The slot of a kind, of what was typed for it: a passphrase, a code, or the name of a new passkey. */
export function slotOf(kind: SlotKind, typed = ''): SlotMethod {
  switch (kind) {
    case 'session':
      return sessionSlot();
    case 'device':
      return deviceSlot();
    case 'passphrase':
      return passphraseSlot(typed);
    case 'recovery':
      return recoverySlot(typed);
    case 'split':
      return splitSlot(edgeKeyHalf());
    case 'passkey':
      return passkeySlot({
        rpName: 'tokenkeep demo',
        userName: 'tokenkeep demo',
        ...(typed !== '' && { label: typed }),
      });
  }
}

/** Whether nothing has to be asked for to unlock with this kind. */
export function needsNoUser(kind: SlotKind): boolean {
  return kind === 'device' || kind === 'session' || kind === 'split';
}
