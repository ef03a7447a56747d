import type { SlotInfo, SlotKind } from 'tokenkeep/vault';

/** A kind of slot in words. */
export interface SlotText {
  readonly name: string;
  /** What it asks of the user, and what it protects against. */
  readonly meaning: string;
  /** What the button says that unlocks with it. */
  readonly unlock: string;
}

/** How a key can be held, in the order in which the page offers it. */
export const slotTexts: { readonly [K in SlotKind]: SlotText } = {
  device: {
    name: 'This device',
    meaning: 'Asks nothing of you. Keeps out whoever looks at stored data, not whoever copies the browser’s files.',
    unlock: 'Unlock with this device',
  },
  passphrase: {
    name: 'Passphrase',
    meaning: 'You type it after each reload. A copy of the browser’s files is useless to whoever cannot guess it.',
    unlock: 'Unlock',
  },
  passkey: {
    name: 'Passkey',
    meaning: 'You touch a key, or look at a camera. A copy of the browser’s files is useless without it.',
    unlock: 'Unlock with a passkey',
  },
  split: {
    name: 'Split with the worker',
    meaning:
      'Asks nothing while you are signed in through the edge. Signing out there ends it for every copy, and for you: keep another way too.',
    unlock: 'Unlock with the worker',
  },
  recovery: {
    name: 'Recovery code',
    meaning: 'For the day when the other ways are lost. As safe as the place where you keep the paper.',
    unlock: 'Unlock with the code',
  },
  session: {
    name: 'This tab only',
    meaning: 'Nothing is written. Reloading or closing the tab ends the sign-in here; no copy of files holds anything.',
    unlock: 'Unlock this tab',
  },
};

/** The slots in that order, those of one kind as they were added. */
export function inOrder(slots: readonly SlotInfo[]): readonly SlotInfo[] {
  const place = ({ kind }: SlotInfo): number => Object.keys(slotTexts).indexOf(kind);
  return [...slots].sort((one, other) => place(one) - place(other) || one.createdAt - other.createdAt);
}

/** A slot as its user calls it. */
export function slotName({ kind, label }: SlotInfo): string {
  const { name } = slotTexts[kind];
  return label === undefined ? name : `${name} “${label}”`;
}

/** Several names in a sentence. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
