export { deviceSlot } from './device-slot.ts';
export type { EdgeKeyHalf, EdgeKeyHalfOptions } from './edge-key-half.ts';
export { edgeKeyHalf } from './edge-key-half.ts';
export { openVault } from './open-vault.ts';
export type { PasskeySlotOptions } from './passkey-slot.ts';
export { passkeySlot } from './passkey-slot.ts';
export type { PassphraseSlotOptions } from './passphrase-slot.ts';
export { passphraseSlot } from './passphrase-slot.ts';
export { generateRecoveryCode } from './recovery-code.ts';
export { recoverySlot } from './recovery-slot.ts';
export { sessionSlot } from './session-slot.ts';
export type {
  NewSlot,
  RecalledSecret,
  SlotContext,
  SlotInfo,
  SlotKind,
  SlotMethod,
  SlotRow,
  SlotSecret,
} from './slot-method.ts';
export { splitSlot } from './split-slot.ts';
export type { Vault, VaultEvent, VaultLoss, VaultOptions, VaultState } from './vault.ts';
