import type { KeyInfo } from '../core/keyring.ts';
import { codeTexts } from './code-texts.ts';
import type { RecordRow } from './inspect-records.ts';
import type { InspectionReport } from './inspection.ts';
import type { RedactedField } from './payload-fields.ts';
import { printable } from './printable.ts';
import { keyUseTable } from './rotation-text.ts';
import { textTable } from './text-table.ts';

/** What is at rest, for a person. */
export function inspectionText({ records, partitions, keys }: InspectionReport, keyring?: readonly KeyInfo[]): string {
  if (records === 0) return 'No records.\n';
  const sizes = partitions.map(({ partition, records: count, sizes: { smallest, median, largest } }) => [
    printable(partition),
    count,
    smallest,
    median,
    largest,
  ]);
  const expiries = partitions.map(({ partition, expiries: { never, expired, withinHour, withinDay, later } }) => [
    printable(partition),
    expired,
    withinHour,
    withinDay,
    later,
    never,
  ]);
  return [
    `${records} records. Sealed bytes:\n`,
    textTable([['partition', 'records', 'smallest', 'median', 'largest'], ...sizes]),
    '\nRecords by their keys:\n',
    keyUseTable(keys, keyring),
    '\nUsable until (tokens that can be renewed have no end):\n',
    textTable([['partition', 'over', '1 hour', '1 day', 'longer', 'no end'], ...expiries]),
  ].join('');
}

/** One record, for a person. */
export function rowText(row: RecordRow): string {
  const { partition, id, revision, size, keyId, indexKeyId, expiresAt, claimed, fields, failure } = row;
  const keys = keyId === indexKeyId ? `key ${keyId}` : `keys ${keyId} ${indexKeyId}`;
  const until = expiresAt === 0 ? '' : `, until ${instant(expiresAt)}`;
  const head = `${printable(partition)} ${printable(id)}: revision ${revision}, ${size} bytes, ${printable(keys)}${until}${claimed ? ', being renewed' : ''}\n`;
  if (failure !== undefined) return `${head}  ${failure}: ${codeTexts[failure] ?? 'it does not open'}\n`;
  return fields === undefined ? head : `${head}${fields.map(fieldText).join('')}`;
}

function fieldText({ field, type, length }: RedactedField): string {
  const unit = type === 'text' ? ' characters' : ' entries';
  return `  ${printable(field)}: ${type}${length === undefined ? '' : `, ${length}${unit}`}\n`;
}

/** A database may say anything. */
function instant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
