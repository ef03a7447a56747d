import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { buildPage } from '../../scripts/start/build-page.ts';
import { localSecrets } from '../../scripts/start/local-secrets.ts';
import { type Stack, startStack } from '../../scripts/start/start-stack.ts';
import { chromiumLaunchOptions } from '../support/chromium-launch-options.ts';

/** The whole demonstration: servers, worker and a browser with a profile of its own. */
export interface RunningDemo {
  readonly stack: Stack;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Where the worker's database keeps its files. */
  readonly databaseFolder: string;
  /** Where the browser keeps its files. */
  readonly profileFolder: string;
  /** What the browser complained about: console errors, exceptions, policy violations. */
  readonly complaints: string[];
  /** The root keys, as text, that only the worker may know. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');

/** Starts everything on free ports, with folders that are deleted afterwards. */
export async function startDemo(backend: 'd1' | 'kv', extraArguments: readonly string[] = []): Promise<RunningDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenkeep-e2e-'));
  const [stateFolder, profileFolder] = [join(folder, 'state'), join(folder, 'profile')];
  await buildPage(root);
  const secretsFile = await localSecrets(folder);
  const stack = await startStack({ root, port: 18_787, backend, stateFolder, secretsFile });
  try {
    const context = await chromium.launchPersistentContext(profileFolder, {
      ...chromiumLaunchOptions,
      args: [...chromiumLaunchOptions.args, ...extraArguments],
      viewport: { width: 1280, height: 900 },
    });
    const complaints: string[] = [];
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(error.error().message));
    const secrets = [...(await readFile(secretsFile, 'utf8')).matchAll(/"k":"([^"]+)"/g)].map(([, key]) => key ?? '');
    return {
      stack,
      context,
      page: context.pages()[0] ?? (await context.newPage()),
      databaseFolder: join(stateFolder, 'v3', backend),
      profileFolder,
      complaints,
      secrets,
      async close() {
        await context.close();
        await stack.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
