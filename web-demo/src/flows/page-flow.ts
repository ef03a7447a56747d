import { EncryptedTokenStore, type SavedToken } from 'tokenkeep';
import { createPageClient } from 'tokenkeep/page';
import { deviceSlot } from 'tokenkeep/vault';
import { bytePlace } from '../byte-place.ts';
import { columnsOf } from '../columns-of.ts';
import { errorText } from '../error-text.ts';
import { eventText, reauthText } from '../event-text.ts';
import { flippedBit, forgetFlip, rememberFlip, toggled } from '../flipped-bit.ts';
import type { Flow, StepResult } from '../flow.ts';
import type { KeyHolding } from '../keys/key-holding.ts';
import { rawRows } from '../raw-rows.ts';
import type { Settings } from '../settings.ts';
import { tokenFields } from '../token-fields.ts';

/** The page signs in by itself and keeps the token, sealed with a key that it holds itself. */
export function pageFlow({ issuer, pageClientId, apiOrigin }: Settings, holding: KeyHolding): Flow {
  const { vault, backend, database, transactions } = holding;
  const store = new EncryptedTokenStore({ backend, keyring: vault.keyring });
  const client = createPageClient({
    store,
    transactions,
    client: {
      provider: { issuer },
      clientId: pageClientId,
      redirectUrl: `${location.origin}/`,
      scope: ['openid', 'offline_access'],
    },
    allowedOrigins: [apiOrigin],
  });

  const tabs = new BroadcastChannel('tokenkeep-demo');
  const rows = rawRows(backend, database);
  const place = database === undefined ? 'the memory of this tab' : 'IndexedDB of this browser';
  const required = async (): Promise<SavedToken> => {
    const token = await client.token();
    if (token === undefined) throw new Error('nobody is signed in');
    return token;
  };

  async function callApi(): Promise<StepResult> {
    const response = await client.fetch(`${apiOrigin}/me`);
    return { log: `The API answered ${response.status}.`, answer: JSON.stringify(await response.json(), null, 2) };
  }

  async function expireNow(): Promise<StepResult> {
    const { id } = await required();
    await store.saveToken({ id, expiresAt: Date.now() - 1000 });
    return { log: 'The token is marked as expired. Call the API to see it renewed.' };
  }

  return {
    title: 'In the page alone',
    summary:
      'The page signs in by itself, as a public client, and keeps the token sealed in this browser. No server of yours is involved.',

    async start() {
      if ((await vault.state()) !== 'unlocked') {
        const underWay = new URLSearchParams(location.search).has('state');
        return underWay
          ? { log: 'The server has let you in. Unlock the key, and the sign-in is finished.' }
          : undefined;
      }
      if (await client.completeSignIn()) return { log: `Signed in. The token is sealed in ${place}.` };
      return (await client.token()) && { log: 'Still signed in: the token is from an earlier visit.' };
    },

    async state() {
      const token = await client.token().catch(() => undefined);
      if (token === undefined) return undefined;
      const { userName: name = 'somebody', expiresAt, scope, reauthRequired } = token;
      const state = { name, expiresAt, scope, place };
      return reauthRequired === undefined ? state : { ...state, mustSignIn: reauthText(reauthRequired.reason) };
    },

    keyState: () => vault.state(),

    async signIn() {
      if ((await vault.state()) === 'absent') await vault.open(deviceSlot());
      return client.signIn();
    },

    callApi,
    expireNow,

    async renewNow() {
      const { expiresAt } = await client.getToken({ forceRefresh: true });
      const until = expiresAt === undefined ? '' : `, until ${new Date(expiresAt).toLocaleTimeString('en-GB')}`;
      return { log: `The new access token is good${until}.` };
    },

    async callInAllTabs() {
      await expireNow();
      tabs.postMessage('call');
      return callApi();
    },

    listen({ told, asked, keyChanged }) {
      vault.subscribe(({ type }) => type !== 'active' && keyChanged());
      client.subscribe((event) => {
        const ownStep = !event.elsewhere && (event.type === 'signed-in' || event.type === 'signed-out');
        if (!ownStep) told({ ...eventText(event), elsewhere: event.elsewhere });
      });
      tabs.addEventListener('message', asked);
    },

    async signOut() {
      const readable = await client.token().then(
        () => true,
        () => false,
      );
      await client.signOut();
      forgetFlip();
      const unread = 'Deleted here. The server could not be told: no refresh token can be read from a refused record.';
      return { log: readable ? 'Revoked at the server and deleted here.' : unread };
    },

    async toggleBit() {
      const stored = await rows.first();
      if (stored === undefined) return { log: 'Nothing is stored.' };
      const sealed = toggled(stored.sealed);
      const wasFlipped = flippedBit(stored.sealed);
      await rows.write({ ...stored, sealed });
      if (wasFlipped === undefined) rememberFlip(sealed);
      else forgetFlip();
      const flipped = flippedBit(sealed);
      const refusal = await client.token().then(() => undefined, errorText);
      if (flipped === undefined) return { log: `Put the bit back. ${refusal ?? 'The record opens again.'}` };
      return { log: `Flipped one bit: ${bytePlace(flipped.offset, sealed.length)}. ${refusal ?? ''}` };
    },

    async record() {
      const stored = await rows.first();
      if (stored === undefined) return undefined;
      const opened = await store.findTokenById(stored.id).then(
        (token) => ({ fields: token === undefined ? [] : tokenFields(token) }),
        (error: unknown) => ({ refused: errorText(error) }),
      );
      return { columns: columnsOf(stored), sealedColumn: 'sealed', flipped: flippedBit(stored.sealed), opened };
    },
  };
}
