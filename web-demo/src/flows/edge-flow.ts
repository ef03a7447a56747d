import { reauthText } from '../event-text.ts';
import type { Flow, StepResult } from '../flow.ts';
import type { Settings } from '../settings.ts';
import { askWorker, callWorker } from './ask-worker.ts';
import { readEdgeRecord } from './read-edge-record.ts';

/** Marks the way back from a sign-in. */
const arrived = '#signed-in';

interface Session {
  readonly signedIn: boolean;
  readonly user?: string;
  readonly scope?: string;
  readonly expiresAt?: number;
  readonly reauthRequired?: { readonly reason: 'refused' | 'interrupted' };
}

const places: Record<Settings['backend'], string> = {
  d1: 'Cloudflare D1',
  kv: 'Cloudflare Workers KV',
  'd1+kv': 'Cloudflare D1; access tokens also in KV, for a minute',
};

/** What came of asking for the access token, in sentences. */
const outcomes: { readonly [outcome: string]: string } = {
  fresh: 'The stored token was fresh.',
  cached: 'A token from the cache did.',
  kept: 'The token is due to be renewed, and still works: kept.',
  refreshed: 'The worker renewed the token.',
  joined: 'Another call was renewing the token: this one waited for it.',
  adopted: 'Somebody else had stored a newer token: used that one.',
};

const session = async (): Promise<Session> => (await askWorker('/auth/session')) as Session;

/** The session, or nothing when its record does not open. */
const readableSession = async (): Promise<Session | undefined> =>
  session().catch((error: { code?: string }) => {
    if (!/^E_(FORMAT|VERSION|AUTH|INDEX_MISMATCH|KEY_\w+)$/.test(error.code ?? '')) throw error;
    return undefined;
  });

/** The worker signs in, keeps the token and adds it to calls of the API. */
export function edgeFlow({ backend }: Settings): Flow {
  const place = places[backend];
  return {
    title: 'Through the edge',
    summary:
      'The worker signs in, keeps the token sealed in its database and adds it to each call. The page never sees the refresh token.',

    async start() {
      if (location.hash !== arrived) {
        return (await session()).signedIn ? { log: 'Still signed in: the worker has a session.' } : undefined;
      }
      history.replaceState(history.state, '', location.pathname + location.search);
      return { log: 'Signed in. The worker has sealed the token in its database.' };
    },

    async state() {
      const current = await readableSession();
      if (!current?.signedIn) return undefined;
      const { user: name = 'somebody', expiresAt, scope, reauthRequired } = current;
      const state = { name, expiresAt, scope, place };
      return reauthRequired === undefined ? state : { ...state, mustSignIn: reauthText(reauthRequired.reason) };
    },

    async signIn() {
      location.assign(`/auth/login?return_to=${encodeURIComponent(`/${arrived}`)}`);
      return new Promise<never>(() => undefined);
    },

    async callApi() {
      const { body, outcome = '' } = await callWorker('/api/me');
      const log = `${outcomes[outcome] ?? ''} The API answered, through the worker.`.trim();
      return { log, answer: JSON.stringify(body, null, 2) };
    },

    async shortLivedToken() {
      const token = (await askWorker('/auth/token', 'POST')) as { accessToken: string; expiresAt?: number };
      const until =
        token.expiresAt === undefined ? '' : `, good until ${new Date(token.expiresAt).toLocaleTimeString('en-GB')}`;
      return {
        log: `Got an access token of ${token.accessToken.length} characters${until}. The refresh token stayed in the worker.`,
      };
    },

    async expireNow() {
      await askWorker('/demo/expire', 'POST');
      return { log: 'The token is marked as expired. Call the API to see it renewed.' };
    },

    async expireSoon() {
      await askWorker('/demo/expire', 'POST', { soft: true });
      return { log: 'The token is old, and still works. The next call renews it; who calls meanwhile does not wait.' };
    },

    signOut: () => signOut(false),
    signOutEverywhere: () => signOut(true),

    async record() {
      const current = await readableSession();
      return current?.signedIn === false ? undefined : readEdgeRecord();
    },
  };
}

async function signOut(everywhere: boolean): Promise<StepResult> {
  const answer = (await askWorker('/auth/logout', 'POST', { everywhere })) as {
    readonly ended: 'nothing' | 'session' | 'token';
    readonly revoked: boolean;
    readonly message?: string;
  };
  const { ended, revoked, message } = answer;
  if (ended === 'session') return { log: `Signed out here; ${message}.` };
  return { log: revoked ? 'Revoked at the server and deleted at the edge.' : `Deleted at the edge; ${message}.` };
}
