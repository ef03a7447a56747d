import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFile, syncFolder } from './sync-file.ts';
import { writeBytes } from './write-bytes.ts';

/**
 * Puts a file that only its owner can read in the place of another, or of none, in one step: whoever looks sees the one or
 * the other, also after a loss of power. To be called by one process at a time.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  // always the same name: what a process left behind that was killed here is taken away by the next
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeBytes(fd, bytes, 0);
      await syncFile(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
