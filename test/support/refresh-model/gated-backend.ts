import type { RecordBackend, StoredRecord } from '../../../src/core/record-backend.ts';
import { TokenkeepError } from '../../../src/core/tokenkeep-error.ts';
import type { VirtualWorld } from './virtual-world.ts';

/** Told of every write that took place, before anything else happens. */
export interface Auditor {
  wrote(record: StoredRecord, process: number, created: boolean): Promise<void>;
  deleted(id: string): void;
}

/** A process's connection to the database: each operation waits at a gate, and may fail there. */
export function gatedBackend(
  world: VirtualWorld,
  process: number,
  backend: RecordBackend,
  auditor: Auditor,
): RecordBackend {
  async function step<Result>(label: string, act: () => Promise<Result>): Promise<Result> {
    const fate = await world.gate({ process, kind: 'backend', label });
    const failed = new TokenkeepError('E_STORAGE', 'the database failed; try again');
    if (fate === 'fail') throw failed;
    const result = await world.run(act);
    if (fate === 'lose') throw failed;
    // whoever died when the operation had taken place does not learn of it
    return world.dead.has(process) ? new Promise<Result>(() => undefined) : result;
  }
  return {
    ...backend,
    get: (partition, id) => step(`get ${id}`, () => backend.get(partition, id)),
    find: (partition, field, values) => step(`find by ${field}`, () => backend.find(partition, field, values)),
    put: (record, condition) =>
      step(`put ${record.id} ${record.revision}`, async () => {
        const outcome = await backend.put(record, condition);
        if (outcome === 'stored') await auditor.wrote(record, process, condition.revision === undefined);
        return outcome;
      }),
    claim: (partition, id, request) => step(`claim ${id}`, () => backend.claim(partition, id, request)),
    release: (partition, id, release) =>
      step(`release ${id}${release.inDoubt ? ' in doubt' : ''}`, () => backend.release(partition, id, release)),
    delete: (partition, id) =>
      step(`delete ${id}`, async () => {
        const deleted = await backend.delete(partition, id);
        auditor.deleted(id);
        return deleted;
      }),
  };
}
