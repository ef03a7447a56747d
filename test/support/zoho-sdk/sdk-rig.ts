import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { onTestFinished, vi } from 'vitest';
import { memoryBackend } from '../../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../../src/core/record-backend.ts';
import { type ZohoTokenStoreOptions, zohoTokenStore } from '../../../src/integrations/zoho/zoho-token-store.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../test-keyring.ts';
import { startZohoServer, type ZohoServerOptions } from '../zoho-server.ts';
import { recordedStore } from './recorded-store.ts';

/** What an application gives the SDK to begin with. */
export interface SdkStart {
  readonly id?: string;
  readonly user?: string;
  readonly grant?: string;
  readonly refresh?: string;
  readonly access?: string;
  /** Whether the SDK asks Zoho whose token it has. Default `true`, as in the SDK. */
  readonly findUser?: boolean;
}

/** Settings of {@link sdkRig}. */
export interface SdkRigOptions extends ZohoTokenStoreOptions {
  readonly backend?: RecordBackend;
  readonly server?: ZohoServerOptions;
}

/** The unmodified SDK over a store, with a data centre on this machine. Its clock stands still but for `pass`. */
export async function sdkRig({ backend = memoryBackend(), server = {}, ...options }: SdkRigOptions = {}) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23) });
  onTestFinished(() => void vi.useRealTimers());
  const zoho = await startZohoServer({ now: () => Date.now(), ...server });
  onTestFinished(() => zoho.close());
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-zoho-sdk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'sdk.log');
  writeFileSync(log, '');

  const tenant = crypto.randomUUID();
  const store = new EncryptedTokenStore({ backend, keyring: await testKeyring(), tenant });
  const own = (more: ZohoTokenStoreOptions = {}) =>
    zohoTokenStore(store, sdk, { dataCenters: [zoho.dataCenter], now: () => Date.now(), ...options, ...more });
  const recorded = recordedStore(own());

  const environmentOf = ({ dataCenter }: typeof zoho): sdk.Environment =>
    new sdk.Environment(dataCenter.api, `${dataCenter.accounts}/oauth/v2/token`, dataCenter.api);
  const token = (start: SdkStart, { clientId, clientSecret } = zoho.client): sdk.OAuthToken => {
    const builder = new sdk.OAuthBuilder();
    if (start.grant ?? start.refresh) builder.clientId(clientId).clientSecret(clientSecret as string);
    if (start.id) builder.id(start.id);
    if (start.user) builder.userSignature(new sdk.UserSignature(start.user));
    if (start.grant) builder.grantToken(start.grant);
    if (start.refresh) builder.refreshToken(start.refresh);
    if (start.access) builder.accessToken(start.access);
    return builder.findUser(start.findUser ?? true).build();
  };
  const config = new sdk.SDKConfigBuilder().build();
  const logger = new sdk.LogBuilder().level(sdk.Levels.SILLY).filePath(log).build();

  /** A new process, as far as the SDK can tell: it keeps its state in a class. */
  const restart = (): void => {
    Reflect.set(sdk.Initializer, 'initializer', undefined);
    Reflect.get(sdk.Initializer, 'LOCAL').clear();
  };
  restart();

  return {
    zoho,
    backend,
    store,
    tenant,
    own,
    recorded,
    calls: recorded.calls,
    token,
    restart,
    environmentOf,
    initialize: async (started: SdkStart | sdk.OAuthToken, at = zoho, into: sdk.TokenStore.TokenStore = recorded) => {
      const first = started instanceof sdk.OAuthToken ? started : token(started);
      await sdk.Initializer.initialize(environmentOf(at), first, into, config, folder, logger, undefined as never);
      return first;
    },
    switchUser: async (started: SdkStart | sdk.OAuthToken, at = zoho) => {
      const next = started instanceof sdk.OAuthToken ? started : token(started);
      await sdk.Initializer.switchUser(environmentOf(at), next, config, undefined as never);
      return next;
    },
    /** A call to the API. Resolves with its status. */
    call: async (): Promise<number> => {
      const response = await new sdk.Org.OrgOperations().getOrganization();
      return response.getStatusCode();
    },
    /** What was sent since the last look: `code`, `refresh`, or the path of the API. */
    sent: (): string[] =>
      zoho.requests
        .splice(0)
        .map(
          ({ form, path }) => ({ authorization_code: 'code', refresh_token: 'refresh' })[form.grant_type ?? ''] ?? path,
        ),
    pass: (ms: number) => void vi.setSystemTime(Date.now() + ms),
    log: () => readFileSync(log, 'utf8'),
  };
}
