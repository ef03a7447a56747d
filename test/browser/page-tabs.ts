import { deleteDB } from 'idb';
import { afterAll, afterEach } from 'vitest';
import { commands } from 'vitest/browser';
import { authorize } from '../../src/oauth/authorize.ts';
import { exchange } from '../../src/oauth/exchange.ts';
import type { LoginMethod } from '../support/login-commands.ts';
import type { LoginServerOptions, LoginServerState } from '../support/login-server.ts';
import { type Outcome, openApplication, redirectUrl, type TabApplication, type TabSettings } from './page-tab.ts';

/** An application that somebody has signed in to, the server it did that at, and some of its tabs. */
export interface PageTabs {
  /** The application in the test’s own page: one tab more. */
  readonly here: TabApplication;
  readonly tabs: readonly string[];
  /** See {@link LoginServer}. */
  login(method: LoginMethod): Promise<any>;
  state(): Promise<LoginServerState>;
  /** Makes all tabs, or these, call at the same moment, with `app` the application. Resolves when they have begun. */
  begin(call: string, tabs?: readonly string[]): Promise<void>;
  /** How the calls end. */
  outcomes(tabs?: readonly string[]): Promise<readonly Outcome[]>;
  /** Runs the body of an async function in every tab, with `app` the application. */
  evaluate(body: string, tabs?: readonly string[]): Promise<any[]>;
  /** Waits until a tab is renewing and its answer is kept back; resolves with that tab. */
  untilHeld(): Promise<string>;
  /** Closes the tab as a user would: nothing in it gets to say goodbye. */
  close(tab: string): Promise<void>;
}

const user = 'alice';
const cleanUps: (() => Promise<unknown>)[] = [];
/** Tabs that are open and belong to no test now: opening one takes longer than all the rest. */
const spare: string[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  for (const tab of spare.splice(0)) await commands.closeTab(tab);
});

/** Settings of {@link pageTabs}. */
export interface PageTabsOptions extends Partial<LoginServerOptions> {
  /** How many tabs. Default 5. */
  readonly count?: number;
  /** Whether they have Web Locks. Default `true`. */
  readonly locks?: boolean;
  /** The database. Default: one of its own. */
  readonly name?: string;
}

/** Signs in, and opens the tabs. The database is deleted after the test. */
export async function pageTabs({
  count = 5,
  locks = true,
  name = `page-tabs-${crypto.randomUUID()}`,
  ...more
}: PageTabsOptions = {}): Promise<PageTabs> {
  const clientId = 'page';
  const issuer = await commands.startLogin({ clientId, redirectUrl, ...more });
  cleanUps.push(() => commands.callLogin(issuer, 'stop'));
  const settings: TabSettings = { name, issuer, clientId, claimTime: Date.now(), locks };
  cleanUps.push(() => Promise.all([deleteDB(name), deleteDB(`${name}-keys`)]));
  const here = openApplication({ ...settings, locks: true });
  const client = { provider: { issuer }, clientId, redirectUrl, scope: ['openid', 'offline_access'] };
  const { url, transaction } = await authorize(client);
  const callback = new URL(await commands.callLogin(issuer, 'consent', url.href, user));
  await here.store.saveToken(await exchange(client, transaction, callback));

  const tabs: string[] = [];
  cleanUps.push(async () => void spare.push(...tabs));
  for (let i = 0; i < count; i++) {
    const tab = spare.pop() ?? (await commands.newTab('/test/browser/page-tab.ts'));
    tabs.push(tab);
    await commands.evaluateInTab(tab, `window.app = lib.openApplication(${JSON.stringify(settings)});`);
  }
  const evaluate: PageTabs['evaluate'] = async (body, some = tabs) => {
    const results: unknown[] = [];
    for (const tab of some) results.push(await commands.evaluateInTab(tab, `const { app } = window; ${body}`));
    return results;
  };
  const login = (method: LoginMethod): Promise<any> => commands.callLogin(issuer, method, user);

  return {
    here,
    tabs,
    login,
    evaluate,
    state: () => login('state'),
    async begin(call, some = tabs) {
      const start = crypto.randomUUID();
      await evaluate(
        `const start = new Promise((resolve) => {
           const channel = new BroadcastChannel('${start}');
           channel.onmessage = () => { channel.close(); resolve(); };
         });
         window.begun = start.then(() => { window.outcome = lib.outcomeOf((async () => ${call})()); });`,
        some,
      );
      const channel = new BroadcastChannel(start);
      channel.postMessage('now');
      await evaluate('await window.begun;', some);
      channel.close();
    },
    outcomes: (some) => evaluate('return await window.outcome;', some),
    async untilHeld() {
      await login('untilHeld');
      const sent = await evaluate('return app.sent;');
      const [renewing, ...others] = tabs.filter((_, i) => sent[i]);
      if (renewing === undefined || others.length > 0) throw new Error('not exactly one tab is renewing');
      return renewing;
    },
    async close(tab) {
      tabs.splice(tabs.indexOf(tab), 1);
      await commands.closeTab(tab);
    },
  };
}

/** Marks the token as expired. */
export async function expire({ store, client }: TabApplication): Promise<void> {
  const token = await client.token();
  await store.saveToken({ id: token?.id ?? '', expiresAt: Date.now() - 1000 });
}

/** How many callers wait for the end of the renewal of the token. */
export async function waiting({ store, client }: TabApplication): Promise<number> {
  const { id = '' } = (await client.token()) ?? {};
  const owner = (await store.findClaimable({ id }))?.claim.owner;
  const { pending = [] } = await navigator.locks.query();
  return pending.filter(({ name, mode }) => name === `tokenkeep:${owner}` && mode === 'shared').length;
}
