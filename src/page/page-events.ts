import type { TokenEvent } from '../core/token-event.ts';

/** What happens to a sign-in besides renewals. */
interface SignInEvent {
  readonly type: 'signed-in' | 'signed-out';
  /** The id of the record, which is stored in the clear anyway. */
  readonly tokenId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What happened to the token of a page's client, and where. Never a token, a key or a user name. */
export type PageEvent = (SignInEvent | TokenEvent) & {
  /** Whether it happened in another tab, or by another client of this one, and not by the client that tells of it. */
  readonly elsewhere: boolean;
};

/** Tells the tabs of one client what happened. */
export interface PageEvents {
  /** Tells this tab's listeners, and then all other tabs. Never throws. */
  tell(event: SignInEvent | TokenEvent): void;
  /** See {@link PageClient.subscribe}. */
  subscribe(listener: (event: PageEvent) => void): () => void;
}

/**
 * @param name what the tabs that tell each other have in common.
 */
export function pageEvents(name: string): PageEvents {
  const listeners = new Set<{ readonly listener: (event: PageEvent) => void }>();
  let channel: BroadcastChannel | undefined;

  const spread = (event: PageEvent): void => {
    for (const { listener } of [...listeners]) {
      try {
        listener(event);
      } catch {
        // what a listener throws is its own affair: a renewal must not fail for it
      }
    }
  };
  const open = (): BroadcastChannel | undefined => {
    if (globalThis.BroadcastChannel === undefined) return undefined;
    try {
      return new BroadcastChannel(name);
    } catch {
      return undefined; // a page that is being left: it has nobody to tell any more
    }
  };

  return {
    tell(event) {
      spread({ ...event, elsewhere: false });
      const speaker = channel ?? open();
      speaker?.postMessage(event);
      if (speaker !== channel) speaker?.close();
    },

    subscribe(listener) {
      const entry = { listener };
      listeners.add(entry);
      if (channel === undefined) {
        // open only while somebody listens: browsers do not keep a page with an open channel for the way back
        channel = open();
        channel?.addEventListener('message', ({ data }) => {
          if (typeof data?.type === 'string') spread({ ...data, elsewhere: true });
        });
      }
      return () => {
        listeners.delete(entry);
        if (listeners.size > 0) return;
        channel?.close();
        channel = undefined;
      };
    },
  };
}
