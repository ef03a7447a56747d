import type { KeyInfo } from '../core/keyring.ts';
import type { KeyUse } from '../core/record-backend.ts';
import { codeLines } from './code-texts.ts';
import type { RotationReport } from './run-rotation.ts';
import { textTable } from './text-table.ts';

/** The report of a rotation for a person. */
export function rotationText(report: RotationReport, keys: readonly KeyInfo[]): string {
  const { total, resealed, failed, failures, interrupted } = report;
  const lines = [
    total === 0 && !interrupted
      ? 'No record needs another key than it has.'
      : `Sealed anew: ${resealed} of ${total} records that needed it.`,
  ];
  if (failed > 0) lines.push(`Left as they are: ${failed}.`, ...codeLines(failures));
  if (interrupted) {
    lines.push(
      '',
      'Interrupted after a whole batch. Run the same command again to go on; all records can be read meanwhile.',
    );
  }
  const table = report.keys === undefined ? '' : `\n${keyUseTable(report.keys, keys)}`;
  const next = nextOf(report, keys);
  return `${lines.join('\n')}\n${table}${next === undefined ? '' : `\nNext: ${next}.\n`}`;
}

/** Which keys records have, beside what a keyring says of them. */
export function keyUseTable(uses: readonly KeyUse[], keys: readonly KeyInfo[] | undefined): string {
  const statusOf = new Map(keys?.map(({ keyId, status }) => [keyId, status]));
  const used = new Set(uses.flatMap(({ keyId, indexKeyId }) => [keyId, indexKeyId]));
  const rows = [...new Set([...used, ...statusOf.keys()])].sort().map((keyId) => {
    const sum = (of: 'keyId' | 'indexKeyId'): number =>
      uses.reduce((total, use) => total + (use[of] === keyId ? use.records : 0), 0);
    const known = keys === undefined ? [] : [statusOf.get(keyId) ?? 'not in the keyring'];
    return [keyId === '' ? '(no id)' : keyId, sum('keyId'), sum('indexKeyId'), ...known];
  });
  return textTable([['key', 'sealed', 'lookups', ...(keys === undefined ? [] : ['keyring'])], ...rows]);
}

/** What comes after a rotation that has ended. */
export function nextOf({ keys: uses, remaining }: RotationReport, keys: readonly KeyInfo[]): string | undefined {
  const pending = keys.find(({ status }) => status === 'pending');
  const idle = keys.find(
    ({ keyId, status, primary, primaryIndex }) =>
      status === 'enabled' &&
      !primary &&
      !primaryIndex &&
      uses?.every((use) => use.keyId !== keyId && use.indexKeyId !== keyId),
  );
  if (idle !== undefined) return `tokenkeep keys retire ${idle.keyId} --in PLACE, for each place that keeps records`;
  if (remaining > 0) return 'tokenkeep scrub --in PLACE names the records that were left';
  return pending && `tokenkeep keys promote ${pending.keyId}, when every program has the keyring; then rotate`;
}
