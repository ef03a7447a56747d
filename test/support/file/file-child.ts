// A process of its own over a file of records, SQLite's when it is called `.db`. Called by start-file-child.ts, with the path and a
// keyring setting.
import { fileBackend } from '../../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../../src/backends/node/sqlite-backend.ts';
import type { RecordBackend } from '../../../src/core/record-backend.ts';
import { importKeyring } from '../../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';

/** What a process is asked to do. */
export type FileChildCall = { readonly call: number; readonly args: readonly unknown[] } & (
  | { readonly target: 'store'; readonly method: keyof EncryptedTokenStore }
  | { readonly target: 'backend'; readonly method: keyof RecordBackend }
);

/** What came of it. */
export type FileChildAnswer =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly code: string; readonly message: string };

const [, , path = '', setting = ''] = process.argv;
process.umask(0);
const backend = path.endsWith('.db') ? sqliteBackend(path) : fileBackend(path);
const store = new EncryptedTokenStore({ backend, keyring: importKeyring(setting) });

process.on('message', async ({ call, target, method, args }: FileChildCall) => {
  let answer: FileChildAnswer;
  try {
    const receiver = { store, backend }[target] as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
    answer = { call, result: await receiver[method]?.(...args) };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    answer = { call, code, message };
  }
  process.send?.(answer);
});
// the test has ended without saying so
process.on('disconnect', () => process.exit());
process.send?.('ready');
