import { afterEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { kept, sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';

const { origin } = location;
const setQuota = (quotaSize?: number) =>
  (cdp() as any).send('Storage.overrideQuotaForOrigin', { origin, ...(quotaSize === undefined ? {} : { quotaSize }) });

afterEach(() => setQuota());

test('a write beyond the quota of the browser is E_QUOTA and keeps the previous record', async () => {
  // Chromium believes for half a minute what it last knew of the room left; without data there is nothing to believe.
  await (cdp() as any).send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  const { usage = 0 } = await navigator.storage.estimate();
  await setQuota(usage + 1_000_000);
  const backend = indexedDbBackend({ name: crypto.randomUUID() });
  const record = sampleRecord('one');
  await backend.put(record, {});
  const large = crypto.getRandomValues(new Uint8Array(60_000));
  const sealed = Uint8Array.from({ length: 3_000_000 }, (_, i) => large[i % large.length] ?? 0);
  const error = await expectCode('E_QUOTA', backend.put({ ...record, revision: 2, sealed }, { revision: 1 }));
  expect(error.message).toContain('make room');
  expect(await backend.get(record.partition, 'one')).toEqual(kept(record));
  await setQuota();
  expect(await backend.put({ ...record, revision: 2, sealed }, { revision: 1 })).toBe('stored');
});
