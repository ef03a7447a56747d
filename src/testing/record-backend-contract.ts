import type { RecordBackend } from '../core/record-backend.ts';
import type { ContractCase } from './contract-case.ts';
import { recordClaimCases } from './record-claim-cases.ts';
import { recordConflictCases } from './record-conflict-cases.ts';
import { recordCoolingCases } from './record-cooling-cases.ts';
import { recordDoubtCases } from './record-doubt-cases.ts';
import { recordDueCases } from './record-due-cases.ts';
import { recordHostileCases } from './record-hostile-cases.ts';
import { recordKeyUseCases } from './record-key-use-cases.ts';
import { recordListingCases } from './record-listing-cases.ts';
import { recordLookupCases } from './record-lookup-cases.ts';
import { recordManyCases } from './record-many-cases.ts';
import { recordReadingCases } from './record-reading-cases.ts';
import { recordScanCases } from './record-scan-cases.ts';
import { recordScenario } from './record-scenario.ts';

/**
 * Everything that {@link RecordBackend} promises. Cases follow the backend's `capabilities`: one without compare-and-set
 * has to refuse claims, and is not put into races.
 *
 * The cases use partitions and key ids of their own, so they may run over a database that holds other data; but they
 * delete every record that expired in the first seconds of 1970, and are not meant to run at the same time as each other.
 *
 * @param create makes a backend, once for each case. All of them may share one database.
 */
export function recordBackendContract(create: () => RecordBackend | Promise<RecordBackend>): readonly ContractCase[] {
  const themes = [
    recordReadingCases,
    recordConflictCases,
    recordManyCases,
    recordLookupCases,
    recordClaimCases,
    recordDoubtCases,
    recordCoolingCases,
    recordListingCases,
    recordScanCases,
    recordKeyUseCases,
    recordDueCases,
    recordHostileCases,
  ];
  return themes
    .flatMap((cases) => Object.entries(cases))
    .map(([name, check]) => ({ name, run: async () => check(recordScenario(await create())) }));
}
