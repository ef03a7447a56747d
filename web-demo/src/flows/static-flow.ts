import type { Flow } from '../flow.ts';
export function staticFlow(kind: string): Flow {
  const sealed = crypto.getRandomValues(new Uint8Array(82 + 1280));
  sealed[0] = 1;
  sealed[1] = 1;
  let signedIn = !location.search.includes('out');
  const jwt =
    'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtleXN0b3JlLUNIQU5HRS1NRSJ9.eyJzdWIiOiJhbGljZSIsIm5vbmNlIjoiWEt3In0.' +
    'Zx'.repeat(60);
  return {
    title: kind === 'edge' ? 'Through the edge' : 'In the page alone',
    summary:
      kind === 'edge'
        ? 'The worker signs in, keeps the token sealed in its database and adds it to each call. The page never sees the refresh token.'
        : 'The page signs in by itself, as a public client, and keeps the token sealed in this browser.',
    start: async () => (signedIn ? { log: 'Signed in, token saved' } : undefined),
    state: async () =>
      signedIn
        ? {
            name: 'alice',
            expiresAt: Date.now() + 48_000,
            scope: 'openid offline_access',
            place: kind === 'edge' ? 'Cloudflare D1 (local)' : 'IndexedDB of this browser',
          }
        : undefined,
    signIn: async () => {
      await new Promise((done) => setTimeout(done, 1500));
      signedIn = true;
      return await new Promise<never>(() => undefined);
    },
    callApi: async () => ({
      log: 'The access token had expired: renewed first (revision 1 → 2)',
      answer: JSON.stringify({ message: 'Hello alice', scope: 'openid' }, null, 2),
    }),
    expireNow: async () => ({ log: 'Marked as expired' }),
    signOut: async () => {
      signedIn = false;
      return { log: 'Revoked at the server and deleted' };
    },
    record: async () =>
      signedIn
        ? {
            sealedColumn: 'sealed',
            columns: [
              { name: 'partition', value: 'default/tokens' },
              { name: 'id', value: '6f9619ff-8b86-4011-b42d-00c04fc964ff' },
              { name: 'revision', value: 1 },
              { name: 'identity', value: crypto.getRandomValues(new Uint8Array(16)) },
              { name: 'userName', value: crypto.getRandomValues(new Uint8Array(16)) },
              { name: 'accessToken', value: crypto.getRandomValues(new Uint8Array(16)) },
              { name: 'refreshToken', value: crypto.getRandomValues(new Uint8Array(16)) },
              { name: 'key_id', value: 'a1b2c3d4' },
              { name: 'index_key_id', value: 'a1b2c3d4' },
              { name: 'expires_at', value: 0 },
              { name: 'sealed', value: sealed },
            ],
            opened: {
              fields: [
                ['userName', 'alice'],
                ['accessToken', 'yT0p8QyTbXw9c1H2tqX5yKpS3cB9m_0JwUe6rFh2Zk'],
                ['refreshToken', 'Qm9vLXJlZnJlc2gtdG9rZW4tZXhhbXBsZS1sb25n'],
                ['expiresAt', '2026-11-23T13:00:00Z'],
                ['scope', 'openid offline_access'],
                ['tokenType', 'Bearer'],
                ['issuer', 'http://127.0.0.1:8788'],
                ['clientId', 'page'],
                ['idToken', jwt],
              ],
            },
          }
        : undefined,
    ...(kind === 'edge'
      ? { shortLivedToken: async () => ({ log: 'Got one, good for 60 s' }) }
      : { toggleBit: async () => ({ log: 'Flipped' }) }),
  };
}
