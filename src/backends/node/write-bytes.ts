import { writeSync } from 'node:fs';

/** Writes all of the bytes: a disk that fills up, or a limit, may take a part of them first. */
export function writeBytes(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}
