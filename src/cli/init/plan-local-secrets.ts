import { join } from 'node:path';
import { generateKeyring } from '../../crypto/generate-keyring.ts';
import { gitStateOf } from '../project/git-state.ts';
import type { Project } from '../project/project.ts';
import { readText } from '../project/read-text.ts';
import { tablesOf } from '../project/table.ts';
import { byHand, changing, nothing, type Part } from './change.ts';

/** A keyring for this machine, in a file that git ignores. What is in that file already stays as it is. */
export async function planLocalSecrets({ folder, local, settings }: Project): Promise<Part> {
  const { name, state, text, values } = local;
  const git = gitStateOf(folder, name);
  const ignored = git === 'unguarded' ? ignore(folder, name) : nothing;
  const isBound = tablesOf(settings.secrets_store_secrets).some(({ binding }) => binding === 'TOKENKEEP_KEYRING');
  if (values.has('TOKENKEEP_KEYRING') || isBound) return ignored;
  if (state === 'unreadable')
    return byHand(name, 'it is no text file that can be read; restore it, and run this again');
  if (git === 'committed' || ignored.remarks.length > 0) {
    const message = 'git does not ignore it, and no key may go there; see to that, and run this again';
    return byHand(name, message, [`git rm --cached ${name}`]);
  }
  const hint = /OAUTH_CLIENT_SECRET/.test(text) ? '' : "# OAUTH_CLIENT_SECRET=''\n";
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const after = `${start}TOKENKEEP_KEYRING='${await generateKeyring()}'\n${hint}`;
  const { changes } = changing(name, state === 'absent' ? undefined : text, after, true);
  return { changes: [...ignored.changes, ...changes], remarks: [] };
}

function ignore(folder: string, name: string): Part {
  const read = readText(join(folder, '.gitignore'));
  if (read === 'unreadable') return byHand('.gitignore', 'it is no text file that can be read; restore it');
  const text = read?.text ?? '';
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : text + end;
  return changing('.gitignore', read?.text, `${start}${name}${end}`);
}
