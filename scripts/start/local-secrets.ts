import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clients } from '../local/clients.ts';

/**
 * The file with this machine's secrets, `.dev.vars`: made once, readable by its owner alone, and kept, because the
 * records of earlier runs open with these keys only.
 *
 * @param folder where the file is.
 * @returns its path.
 */
export async function localSecrets(folder: string): Promise<string> {
  const path = join(folder, '.dev.vars');
  const present = await readFile(path, 'utf8').catch(() => '');
  const { generateKeyring } = await import('tokenkeep');
  const secrets: readonly (readonly [name: string, make: () => Promise<string> | string])[] = [
    ['TOKENKEEP_KEYRING', generateKeyring],
    ['OAUTH_CLIENT_SECRET', () => clients.worker.secret],
  ];
  let text = present === '' || present.endsWith('\n') ? present : `${present}\n`;
  for (const [name, make] of secrets) {
    if (!new RegExp(`^${name}=`, 'm').test(text)) text += `${name}='${await make()}'\n`;
  }
  if (text !== present) await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600); // one that was there before keeps the mode it had
  return path;
}
