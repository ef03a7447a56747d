import { toBase64url } from '../core/base64url.ts';
import { equalBytes } from '../core/bytes.ts';
import type { PutOutcome, RecordWrite } from '../core/record-backend.ts';
import { eachAtOnce } from './each-at-once.ts';
import type { KvRecords } from './kv-records.ts';

/** How many records are written at once: a Worker may have six connections open, and queues what needs more. */
const most = 6;

/**
 * Writes each record whose condition holds as far as KV shows. Of those that want one identity the first gets it: KV need not
 * show the one write to the other, so that they take turns.
 */
export async function putToKv(records: KvRecords, writes: readonly RecordWrite[]): Promise<readonly PutOutcome[]> {
  const taken = new Map<string, Promise<boolean>>();
  return eachAtOnce(writes, most, (write) => {
    const identity = JSON.stringify([write.record.partition, toBase64url(write.record.identity)]);
    const before = taken.get(identity) ?? Promise.resolve(false);
    const outcome = before.then((isTaken) => (isTaken ? 'conflict' : put(records, write)));
    const after = Promise.all([before, outcome]).then(([isTaken, came]) => isTaken || came === 'stored');
    // it failed, and may have taken it all the same
    taken.set(
      identity,
      after.catch(() => true),
    );
    return outcome;
  });
}

async function put(records: KvRecords, { record, condition }: RecordWrite): Promise<PutOutcome> {
  const { partition, id, identity } = record;
  const present = await records.read(partition, id);
  if (present?.revision !== condition.revision) return 'conflict';
  if (present === undefined || !equalBytes(present.identity, identity)) {
    const holders = await records.find(partition, 'identity', [identity]);
    if (holders.some((holder) => holder.id !== id)) return 'conflict';
  }
  await records.write(record, present);
  return 'stored';
}
