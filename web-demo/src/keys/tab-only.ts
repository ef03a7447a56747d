const storageKey = 'tokenkeep-demo-tab-only';

/** Whether the key of this tab is to be in its memory alone. Survives a reload and a sign-in, and no other tab knows of it. */
export function isTabOnly(): boolean {
  return sessionStorage.getItem(storageKey) === 'yes';
}

/** Starts the page anew with the key in this tab's memory, or as in the other tabs. What the tab held is gone then. */
export function startTabOnly(wanted: boolean): void {
  if (wanted) sessionStorage.setItem(storageKey, 'yes');
  else sessionStorage.removeItem(storageKey);
  location.reload();
}
