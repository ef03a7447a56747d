import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

// The record contract inside a dedicated worker; answers with the promises that were not kept.
const name = crypto.randomUUID();
const failed: string[] = [];
const cases = recordBackendContract(() => indexedDbBackend({ name }));
for (const one of cases) {
  try {
    await one.run();
  } catch (error) {
    failed.push(`${one.name}: ${String(error)}`);
  }
}
postMessage({ cases: cases.length, failed });
