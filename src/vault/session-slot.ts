import { deviceSlot } from './device-slot.ts';
import type { SlotMethod } from './slot-method.ts';

/**
 * Keeps the vault in the memory of this tab alone: nothing of it is written. It ends with the tab, with a reload, and with
 * `vault.close()`; what it has sealed is lost then, so that it goes with `memoryBackend()`, or with a reset at the next start.
 * Locking it keeps it: it can be unlocked again in this tab.
 *
 * A slot of another kind that is added to it writes the vault, and takes its place.
 */
export function sessionSlot(): SlotMethod {
  return { ...deviceSlot(), kind: 'session' };
}
