import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from '../../scripts/start/build-page.ts';
import { freePort } from '../../scripts/start/free-port.ts';
import { localSecrets } from '../../scripts/start/local-secrets.ts';
import { type StackOptions, startStack } from '../../scripts/start/start-stack.ts';

const root = resolve(import.meta.dirname, '../..');

describe('starting everything', () => {
  let folder: string;
  let options: StackOptions;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenkeep-start-'));
    await buildPage(root);
    const secretsFile = await localSecrets(folder);
    options = { root, port: 28_787, backend: 'd1', stateFolder: join(folder, 'state'), secretsFile };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('makes secrets once, for the owner alone, and keeps what is there', async () => {
    const text = await readFile(options.secretsFile, 'utf8');
    expect(text).toMatch(/^TOKENKEEP_KEYRING='\{.*\}'\nOAUTH_CLIENT_SECRET='.+'\n$/);
    expect((await stat(options.secretsFile)).mode & 0o777).toBe(0o600);
    await localSecrets(folder);
    expect(await readFile(options.secretsFile, 'utf8')).toBe(text);
  });

  test('takes the next port when one is in use, and frees every port when it stops', async () => {
    const port = await freePort(options.port);
    const other = createServer();
    await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening));
    try {
      const stack = await startStack({ ...options, port });
      const ports = [stack.address, stack.authorizationServer.issuer, stack.api.url].map((url) =>
        Number(new URL(url).port),
      );
      expect(ports).not.toContain(port);
      expect(new Set(ports).size).toBe(3);
      expect((await fetch(stack.address)).status).toBe(200);
      await stack.stop();
      for (const used of ports) expect(await freePort(used)).toBe(used);
    } finally {
      other.close();
    }
  });

  test('names the setting that is wrong, without its value, and leaves nothing running', async () => {
    const secretsFile = join(folder, 'wrong');
    const port = await freePort(options.port + 100);
    await writeFile(secretsFile, "TOKENKEEP_KEYRING='sentinel-of-a-wrong-keyring'\n");
    const error = await startStack({ ...options, port, secretsFile }).catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain('TOKENKEEP_KEYRING');
    expect((error as Error).message).not.toContain('sentinel-of-a-wrong-keyring');
    expect(await freePort(port)).toBe(port);
    expect(await freePort(port + 1)).toBe(port + 1);
  });

  test('can be broken off, and leaves nothing running', async () => {
    const port = await freePort(options.port + 200);
    const abort = new AbortController();
    const progress = (line: string): void => {
      if (line.startsWith('Starting the worker')) abort.abort();
    };
    await expect(startStack({ ...options, port, signal: abort.signal, progress })).rejects.toThrow();
    expect(await freePort(port)).toBe(port);
    expect(await freePort(port + 1)).toBe(port + 1);
  });
});
