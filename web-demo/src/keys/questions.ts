import type { SlotInfo, Vault, VaultLoss } from 'tokenkeep/vault';
import type { Question } from '../elements/ask-dialog.ts';
import { inOrder, listed, slotName } from './slot-text.ts';

/** Asks before a way to unlock is removed. */
export function removeQuestion(vault: Vault, slot: SlotInfo): Question {
  const name = slotName(slot);
  return {
    heading: `Remove: ${name}`,
    texts: [
      'It opens the key no longer; the other ways do.',
      'Copies of the browser’s files that were made before still open with it. Changing the passphrase with “Make a new key as well” shuts them out.',
    ],
    act: 'Remove',
    go: () => vault.removeSlot(slot.id),
  };
}

/** Says what there is to lose, and asks before everything is deleted. */
export function forgetQuestion({ records, slots }: VaultLoss, isLost: boolean, go: () => Promise<void>): Question {
  const counted = records === 1 ? '1 sealed record' : `${records} sealed records`;
  const ways =
    slots.length === 0 ? '' : `, and with the key these ways to unlock it: ${listed(inOrder(slots).map(slotName))}`;
  return {
    heading: isLost ? 'Start over' : 'Forget this device',
    texts: [
      `This deletes ${counted} from this browser${ways}.`,
      isLost
        ? 'None of it can be opened any more as it is.'
        : 'It cannot be undone, and the server is not told: to end the token there as well, sign out first.',
      'What the browser keeps on the disk of deleted data is not in this page’s hands.',
    ],
    act: isLost ? 'Delete and start over' : 'Delete everything',
    go,
  };
}
