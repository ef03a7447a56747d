/** What the tabs of a vault tell each other. Holds no secret: any script of the origin can listen, and say the same. */
export type VaultMessage =
  | { readonly type: 'created' | 'slots-changed' | 'keys-changed' | 'reset' | 'locked' }
  /** When the user did something, in epoch milliseconds. */
  | { readonly type: 'active'; readonly at: number };

/** Tells other tabs. */
export interface VaultChannel {
  tell(message: VaultMessage): void;
  /** Listens, until `pause`. */
  listen(): void;
  /** Stops listening: browsers do not keep a page with an open channel for the way back. */
  pause(): void;
}

/** A channel of this name. Where there are none, or the page is being left, nobody hears anything. */
export function vaultChannel(name: string, onMessage: (message: VaultMessage) => void): VaultChannel {
  let channel: BroadcastChannel | undefined;
  const open = (): BroadcastChannel | undefined => {
    try {
      return new BroadcastChannel(name);
    } catch {
      return undefined;
    }
  };
  return {
    tell(message) {
      const speaker = channel ?? open();
      speaker?.postMessage(message);
      if (speaker !== channel) speaker?.close();
    },
    listen() {
      if (channel !== undefined) return;
      channel = open();
      if (channel !== undefined) channel.onmessage = ({ data }) => isMessage(data) && onMessage(data);
    },
    pause() {
      channel?.close();
      channel = undefined;
    },
  };
}

const types = ['created', 'slots-changed', 'keys-changed', 'reset', 'locked', 'active'];

function isMessage(value: unknown): value is VaultMessage {
  const { type, at } = (value ?? {}) as { readonly [name: string]: unknown };
  return typeof type === 'string' && types.includes(type) && (type !== 'active' || Number.isFinite(at));
}
