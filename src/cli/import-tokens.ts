import { memoryBackend } from '../backends/memory-backend.ts';
import type { ClosableRecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import { planImport } from '../importer/plan-import.ts';
import { runImport } from '../importer/run-import.ts';
import type { DataCenterName } from '../importer/to-token.ts';
import { verifyImport } from '../importer/verify-import.ts';
import { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import { about } from './about.ts';
import type { ImportSummary } from './import-summary.ts';
import { isSamePlace } from './is-same-place.ts';
import { namePassword } from './name-password.ts';
import { openPlace } from './open-place.ts';
import { openSource } from './open-source.ts';
import { parsePlace } from './place.ts';
import type { PlaceSettings } from './place-settings.ts';
import { shown } from './show-progress.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** The environment variables that hold what must not stand on a command line. */
export const secretVariables = {
  keyring: 'TOKENKEEP_KEYRING',
  from: 'TOKENKEEP_FROM_PASSWORD',
  to: 'TOKENKEEP_TO_PASSWORD',
} as const;

/** What `tokenkeep import` is told. */
export interface ImportSettings extends PlaceSettings {
  readonly from: string;
  readonly to: string;
  readonly write?: true;
  readonly tenant?: string;
  readonly dataCenter?: DataCenterName;
}

/**
 * Imports as the command line says, with progress on standard error.
 *
 * @throws what is wrong with the settings, the source, or the target as it is opened; what fails later is in the report.
 */
export async function importTokens(settings: ImportSettings): Promise<ImportSummary> {
  const { write = false, tenant, dataCenter } = settings;
  const plain = !/^(file|sqlite|mysql|d1):/.test(settings.from);
  const from = await about('--from', () =>
    parsePlace(plain ? `file:${settings.from}` : settings.from, secretVariables.from),
  );
  if (from.kind === 'd1') throw new TokenkeepError('E_CONFIG', "--from: none of Zoho's stores keeps tokens in D1");
  const to = await about('--to', () => parsePlace(settings.to, secretVariables.to));
  if (isSamePlace(from, to)) {
    throw new TokenkeepError(
      'E_CONFIG',
      '--to is the source itself, which is never changed; name another file or table',
    );
  }
  const keyring = await about(secretVariables.keyring, () => importKeyring(process.env[secretVariables.keyring]));

  return untilInterrupted(async (signal) => {
    const source = openSource(from, process.env[secretVariables.from] ?? '');
    const plan = await about(
      '--from',
      () => planImport(source, { ...(dataCenter && { dataCenter }) }),
      secretVariables.from,
    );

    /** Opens the target anew, through nothing that an earlier opening has left. */
    const withTarget = async <Result>(work: (store: EncryptedTokenStore) => Promise<Result>): Promise<Result> => {
      let backend: ClosableRecordBackend | undefined;
      try {
        const password = process.env[secretVariables.to] ?? '';
        backend = (await openPlace(to, { ...settings, access: write ? 'make' : 'look', password })) ?? nothing();
        return await work(new EncryptedTokenStore({ backend, keyring, ...(tenant !== undefined && { tenant }) }));
      } finally {
        await backend?.close();
      }
    };
    const { report: told, written } = await about(
      '--to',
      () =>
        shown(write ? 'Importing' : 'Comparing', (onProgress) =>
          withTarget((store) => runImport(plan, store, { write, signal, onProgress })),
        ),
      secretVariables.to,
    );
    const report = { ...told, ...(told.failure && { failure: namePassword(told.failure, secretVariables.to) }) };
    const summary = { wrote: write, numbering: from.kind === 'file' ? 'line' : 'row', report } as const;
    if (written.length === 0 || report.interrupted || report.failure !== undefined) return summary;
    const verification = await about('--to', () =>
      shown('Verifying', (onProgress) => withTarget((store) => verifyImport(written, store, { onProgress }))),
    );
    return { ...summary, verification };
  });
}

/** A target before its first write. */
function nothing(): ClosableRecordBackend {
  return { ...memoryBackend(), close: async () => undefined };
}
