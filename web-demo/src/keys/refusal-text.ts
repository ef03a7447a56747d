/** What to say when the vault refuses, by the code. */
const sentences: { readonly [code: string]: string } = {
  E_PASSPHRASE: 'This is not the right one. Try again.',
  E_PASSKEY: 'There is no such passkey here. Use another one, or another way.',
  E_CANCELLED: 'Cancelled, or there is no fitting passkey on this device. Try again, or use another way.',
  E_PRF: 'This passkey or browser cannot hold a key. Use another one, or a passphrase.',
  E_REAUTH: 'You are not signed in at the worker. Sign in through the edge, then try again.',
  E_NO_ROOT: 'What this way needs is gone for good. Use another way, or start over.',
  E_LOCKED: 'The key was locked meanwhile. Unlock it, and try again.',
};

/** Why something about the key did not work, and what to do next, in plain words. */
export function refusalText(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const known = sentences[code ?? ''];
  if (known !== undefined) return known;
  if (code === undefined || message === undefined) return 'Something failed. Try again.';
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
