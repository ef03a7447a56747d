import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running WebKitWebDriver with a screen of its own. */
export interface WebKitDriver {
  /** Where it answers WebDriver commands. */
  readonly url: string;
  /** The MiniBrowser to name in the capabilities. */
  readonly browser: string;
  stop(): void;
}

/** Starts WebKitGTK's driver, and an Xvfb for it unless there is a display: MiniBrowser has no headless mode. */
export async function startWebKitDriver(): Promise<WebKitDriver> {
  const processes: ChildProcess[] = [];
  const stop = () => {
    for (const child of processes.splice(0).reverse()) child.kill('SIGTERM');
  };
  // Neither may outlive a test run that dies.
  process.once('exit', stop);
  try {
    const display = process.env.DISPLAY ?? (await startScreen(processes));
    const port = await freePort();
    const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: display, GIO_USE_VFS: 'local', NO_AT_BRIDGE: '1' },
    });
    processes.push(driver);
    const url = `http://127.0.0.1:${port}`;
    await Promise.race([untilItAnswers(url), failure(driver, 'WebKitWebDriver')]);
    return { url, browser: findMiniBrowser(), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

async function startScreen(processes: ChildProcess[]): Promise<string> {
  // With -displayfd Xvfb picks a display that is free and writes its number to that descriptor.
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  processes.push(screen);
  const number = (async () => {
    let text = '';
    for await (const chunk of screen.stdio[3] as NodeJS.ReadableStream) {
      text += chunk;
      if (text.includes('\n')) return text.trim();
    }
    throw new Error('Xvfb named no display');
  })();
  return `:${await Promise.race([number, failure(screen, 'Xvfb')])}`;
}

async function untilItAnswers(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/status`);
      return;
    } catch {
      await sleep(50);
    }
  }
}

function failure(child: ChildProcess, name: string): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => reject(new Error(`${name} ended at once (${code ?? signal})`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function findMiniBrowser(): string {
  const triplets = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as Record<string, string>;
  const paths = ['4.1', '6.0', '4.0'].map((v) => `/usr/lib/${triplets[process.arch]}/webkit2gtk-${v}/MiniBrowser`);
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`WebKitGTK's MiniBrowser is in none of: ${paths.join(', ')}`);
  return found;
}
