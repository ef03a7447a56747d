import type { Flow } from '../flow.ts';
import type { Settings } from '../settings.ts';
import { askWorker } from './ask-worker.ts';
import { readEdgeRecord } from './read-edge-record.ts';

/** Marks the way back from a sign-in. */
const arrived = '#signed-in';

interface Session {
  readonly signedIn: boolean;
  readonly user?: string;
  readonly scope?: string;
  readonly expiresAt?: number;
}

const session = async (): Promise<Session> => (await askWorker('/auth/session')) as Session;

/** The session, or nothing when its record does not open. */
const readableSession = async (): Promise<Session | undefined> =>
  session().catch((error: { code?: string }) => {
    if (!/^E_(FORMAT|VERSION|AUTH|INDEX_MISMATCH|KEY_\w+)$/.test(error.code ?? '')) throw error;
    return undefined;
  });

/** The worker signs in, keeps the token and adds it to calls of the API. */
export function edgeFlow({ backend }: Settings): Flow {
  const place = backend === 'd1' ? 'Cloudflare D1' : 'Cloudflare Workers KV';
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
      const { user: name = 'somebody', expiresAt, scope } = current;
      return { name, expiresAt, scope, place };
    },

    async signIn() {
      location.assign(`/auth/login?return_to=${encodeURIComponent(`/${arrived}`)}`);
      return new Promise<never>(() => undefined);
    },

    async callApi() {
      const before = await session();
      const answer = JSON.stringify(await askWorker('/api/me'), null, 2);
      const after = await session();
      const renewed = after.expiresAt === before.expiresAt ? '' : 'The token had expired: the worker renewed it. ';
      return { log: `${renewed}The API answered, through the worker.`, answer };
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

    async signOut() {
      const { revoked, message } = (await askWorker('/auth/logout', 'POST')) as { revoked: boolean; message?: string };
      return { log: revoked ? 'Revoked at the server and deleted at the edge.' : `Deleted at the edge; ${message}.` };
    },

    async record() {
      const current = await readableSession();
      return current?.signedIn === false ? undefined : readEdgeRecord();
    },
  };
}
