import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

/** A fault, the case of the record contract that has to notice it, and what the faulty backend does in place of a sound one. */
export type ContractFault = readonly [
  fault: string,
  noticedBy: string,
  (sound: RecordBackend) => Partial<RecordBackend>,
];

/** Runs one case over a backend with this fault. Rejects when the case notices it. */
export async function runFaulty(caseName: string, fault: ContractFault[2]): Promise<void> {
  const contract = recordBackendContract(() => {
    const sound = memoryBackend();
    return { ...sound, ...fault(sound) };
  });
  const one = contract.find(({ name }) => name === caseName);
  if (one === undefined) throw new Error(`the contract has no case of the name: ${caseName}`);
  await one.run();
}
