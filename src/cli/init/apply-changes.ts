import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { readText } from '../project/read-text.ts';
import type { Change } from './change.ts';

/**
 * Carries changes out, one after the other. Each file is whole at any time, as it was or as it is to be; of those that are
 * not written yet nothing is lost, and the next plan goes on from there.
 *
 * @throws `E_CONFLICT` when a file is no longer as it was planned on; `E_STORAGE` when one cannot be written.
 */
export function applyChanges(folder: string, changes: readonly Change[]): void {
  for (const change of changes) {
    const path = join(folder, change.path);
    const read = readText(path);
    if ((typeof read === 'object' ? read.text : read) !== change.before) {
      throw new TokenkeepError('E_CONFLICT', `${change.path} has changed meanwhile and was left alone; run this again`);
    }
    try {
      mkdirSync(dirname(path), { recursive: true });
      if (change.isSecret) append(path, change);
      else replace(path, change);
    } catch {
      throw new TokenkeepError(
        'E_STORAGE',
        `${change.path} could not be written; see who may write there, and run this again`,
      );
    }
  }
}

/** Never through a file beside it, which git would not ignore. */
function append(path: string, { before = '', after }: Change): void {
  appendFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o600); // one that was there before keeps the mode it had
  appendFileSync(path, after.slice(before.length));
}

function replace(path: string, { before, after }: Change): void {
  // a link stays one
  const target = before === undefined ? path : realpathSync(path);
  const next = `${target}.tokenkeep-init`;
  rmSync(next, { force: true });
  writeFileSync(next, after, { flag: 'wx', ...(before !== undefined && { mode: statSync(target).mode }) });
  renameSync(next, target);
}
