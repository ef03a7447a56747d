import { closeSync, fdatasync, fsync, openSync } from 'node:fs';

/** Waits until what was written to the file is on the disk. */
export function syncFile(fd: number): Promise<void> {
  return settled((done) => fdatasync(fd, done));
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no such call, and needs none
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    await settled((done) => fsync(fd, done));
  } finally {
    closeSync(fd);
  }
}

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error === null ? resolve() : reject(error))));
}
