import { commands } from 'vitest/browser';

const open: string[] = [];

/** Opens a tab whose `lib` is `vault-tab.ts`. */
export async function newVaultTab(): Promise<string> {
  const tab = await commands.newTab('/test/browser/vault-tab.ts');
  open.push(tab);
  return tab;
}

/** Runs the body of an async function in a tab. */
export const evaluateIn = (tab: string, body: string): Promise<any> => commands.evaluateInTab(tab, body);

/** Closes all of them as a user would. */
export async function closeTabs(): Promise<void> {
  for (const tab of open.splice(0)) await commands.closeTab(tab);
}
