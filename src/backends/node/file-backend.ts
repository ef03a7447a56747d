import type { ClosableRecordBackend } from '../../core/record-backend.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { rowRecords } from '../row-records.ts';
import { RecordFile } from './record-file.ts';

/** What {@link fileBackend} can be told. */
export interface FileBackendOptions {
  /** The clock of the claims, in epoch milliseconds; all processes share it. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps records in one file, for any number of processes of one machine at the same time. The first write makes it, readable by
 * its owner alone (mode 0600), and beside it `<path>.lock`, which stays empty and must not be deleted while somebody writes.
 * Run every process that writes as the same user.
 *
 * A write is acknowledged when it is on the disk (one `fdatasync`). A process that is killed, a loss of power and a full disk
 * leave what was there before. A read sees every write that was acknowledged before it: it takes no lock, and reads the 1536
 * bytes of the file's header and what was added since. Records are held in memory as well, about 2 kB each, so that to find one
 * takes as long whatever their number.
 *
 * What was replaced or deleted stays in the file, sealed, until there is more of it than of the rest, or a partition is cleared:
 * the file is then written anew as `<path>.new`, which takes its place.
 *
 * Not for network file systems: their locks and caches promise none of this.
 *
 * @throws `E_CONFIG` when the path is none. Operations reject with `E_CONFIG` when its folder does not exist or another file is in
 * its place, `E_FORMAT` when the file is damaged, and `E_VERSION` when a later version wrote it. They write nothing then.
 */
export function fileBackend(path: string, { now = Date.now }: FileBackendOptions = {}): ClosableRecordBackend {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new TokenkeepError('E_CONFIG', 'the path of the file is none; name the file that is to hold the records');
  }
  const file = new RecordFile(path);
  return { ...rowRecords(file, now), close: () => file.close() };
}
