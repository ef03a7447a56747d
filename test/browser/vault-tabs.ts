import { afterAll, afterEach } from 'vitest';
import { commands } from 'vitest/browser';

const used: string[] = [];
/** Tabs that are open and belong to no test now: opening one takes longer than all the rest. */
const spare: string[] = [];

afterEach(() => {
  spare.push(...used.splice(0));
});
afterAll(async () => {
  for (const tab of spare.splice(0)) await commands.closeTab(tab);
});

/** A tab of this test alone, whose `lib` is `vault-tab.ts`. */
export async function vaultTab(): Promise<string> {
  const tab = spare.pop() ?? (await commands.newTab('/test/browser/vault-tab.ts'));
  used.push(tab);
  return tab;
}

/** Runs the body of an async function in a tab. */
export const evaluateIn = (tab: string, body: string): Promise<any> => commands.evaluateInTab(tab, body);

/** Closes a tab as a user would. */
export async function closeTab(tab: string): Promise<void> {
  used.splice(used.indexOf(tab), 1);
  await commands.closeTab(tab);
}
