import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';

/** Objects somebody may print, the errors of everything that can fail, and the secrets that none of them may show. */
export interface Failures {
  readonly secrets: readonly string[];
  readonly errors: readonly unknown[];
  readonly objects: readonly object[];
}

/** Makes a store with marked secrets fail in every way it has. */
export async function failures(): Promise<Failures> {
  const marked = {
    userName: 'marker-user-name-0123456789',
    clientId: 'marker-client-id-0123456789',
    clientSecret: 'marker-client-secret-0123456789',
    accessToken: 'marker-access-token-0123456789',
    refreshToken: 'marker-refresh-token-0123456789',
  };
  const setting = await generateKeyring();
  const keyring = await importKeyring(setting);
  const other = await importKeyring(await generateKeyring());
  const backend = memoryBackend();
  const store = new EncryptedTokenStore({ backend, keyring });
  const saved = await store.saveToken(marked);
  const row = (await backend.get('default/tokens', saved.id)) as KeptRecord;
  const over = (change: Partial<KeptRecord>): RecordBackend => ({
    ...backend,
    get: async () => ({ ...row, ...change }),
    find: async () => [{ ...row, ...change }],
  });
  const storeOver = (change: Partial<KeptRecord>) => new EncryptedTokenStore({ backend: over(change), keyring });
  /** What the authorization server does next, and then is forgotten. */
  let refuse = (): Promise<never> => Promise.reject(new Error(marked.refreshToken));
  const source = createTokenSource({ store, query: { id: saved.id }, refresh: () => refuse(), waitMs: 1 });
  const refusing = (oauthError: string) => async () => {
    const { id, refreshToken } = saved;
    // another refresh token ends a cool-down
    await store.saveToken({ id, refreshToken: `${refreshToken}-of-${oauthError}`, accessToken: marked.accessToken });
    refuse = () => Promise.reject(new TokenkeepError('E_OAUTH', marked.refreshToken, { oauthError }));
    return source.getToken({ forceRefresh: true });
  };
  const attempts: readonly (() => Promise<unknown>)[] = [
    () => store.saveToken({ ...marked, expiresAt: Number.NaN }),
    () => store.saveToken({ ...marked, scope: `${marked.refreshToken}\ud800` }),
    () => store.saveToken({ ...marked, idToken: marked.accessToken.repeat(50_000) }),
    () => store.saveToken({ ...marked, [marked.clientSecret]: 1 } as never),
    () => store.saveToken({ ...saved, revision: 99 }),
    () => store.saveToken({ ...marked, id: 'another' }),
    () => store.findToken({ clientId: marked.clientId, clientSecret: marked.clientSecret }),
    () => storeOver({ sealed: row.sealed.slice(0, 50) }).findTokenById(saved.id),
    () => storeOver({ revision: 5 }).findTokenById(saved.id),
    () => storeOver({}).findTokenById('another'),
    () => storeOver({}).findToken({ userName: 'somebody else' }),
    () => new EncryptedTokenStore({ backend, keyring: other }).findTokenById(saved.id),
    () => importKeyring(`${setting} `.replace('"v":1', '"v":2')),
    () => importKeyring(setting.slice(0, -3)),
    () => source.getToken({ forceRefresh: true }),
    refusing('invalid_client'),
    refusing('temporarily_unavailable'),
    () => source.getToken({ forceRefresh: true }),
    refusing('invalid_grant'),
    () => source.getToken({ forceRefresh: true }),
    () => source.fetch(`https://api.example/?q=${marked.accessToken}`),
    async () => {
      const token = await store.saveToken({ id: saved.id, refreshToken: marked.refreshToken, expiresAt: 1 });
      await store.claimToken(token, { owner: 'somebody', ttlMs: 60_000 });
      return source.getToken();
    },
    async () => {
      await store.saveToken({ id: saved.id, refreshToken: null, expiresAt: 1 });
      return source.getToken();
    },
    () => createTokenSource({ store, query: { id: 'nobody' }, refresh: () => refuse() }).getToken(),
    async () =>
      createTokenSource({
        store,
        query: {},
        refresh: () => refuse(),
        allowedOrigins: [`https://api.example/${marked.accessToken}`],
      }),
  ];
  const errors: unknown[] = [];
  for (const attempt of attempts) {
    errors.push(
      await attempt().then(
        () => new Error('an attempt that should have failed succeeded'),
        (error: unknown) => error,
      ),
    );
  }
  const key = (JSON.parse(setting) as { keys: { k: string }[] }).keys[0]?.k as string;
  return { secrets: [...Object.values(marked), key], errors, objects: [store, keyring, source, backend] };
}
