/** What a page does that concerns its vault. */
export interface PageWatch {
  /** The page is left: closed, reloaded, or kept for the way back. */
  readonly onLeave: () => void;
  /** The page is there again, and may have missed what it was told. */
  readonly onReturn: () => void;
  /** The user did something. */
  readonly onActive: () => void;
}

/** Listens to this page; outside of pages there is nothing to hear. @returns a function that ends it. */
export function watchPage({ onLeave, onReturn, onActive }: PageWatch): () => void {
  if (globalThis.document === undefined) return () => undefined;
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') onReturn();
  };
  const listeners: readonly [string, () => void][] = [
    ['pagehide', onLeave],
    ['pageshow', onReturn],
    ['resume', onReturn],
    ['visibilitychange', onVisible],
    ...['pointerdown', 'pointermove', 'wheel', 'keydown'].map((type): [string, () => void] => [type, onActive]),
  ];
  // captured, since a page may stop what it has handled
  const options = { capture: true, passive: true };
  for (const [type, listener] of listeners) addEventListener(type, listener, options);
  return () => {
    for (const [type, listener] of listeners) removeEventListener(type, listener, options);
  };
}
