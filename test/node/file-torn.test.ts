import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { StoredRecord } from '../../src/core/record-backend.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const path = join(temporaryFolder(), 'records');
const header = 1536;
const sector = 512;

const { partition, sample } = recordScenario(fileBackend(path));

/** The ids and revisions that a file with these bytes holds. */
async function holds(image: Uint8Array): Promise<string> {
  writeFileSync(path, image);
  const { records } = await fileBackend(path).page(partition, 10);
  return records.map(({ id, revision }) => `${id} ${revision}`).join(', ');
}

/** The file before and after a commit. */
async function commit(before: Uint8Array, record: StoredRecord): Promise<Buffer> {
  writeFileSync(path, before);
  const condition = record.revision === 1 ? {} : { revision: record.revision - 1 };
  expect(await fileBackend(path).put(record, condition)).toBe('stored');
  return readFileSync(path);
}

/** A file as three commits left it. */
async function threeRecords(): Promise<readonly Buffer[]> {
  await fileBackend(path).put(sample('one'), {});
  const first = readFileSync(path);
  const second = await commit(first, sample('two'));
  return [first, second, await commit(second, sample('one', { revision: 2 }))];
}

const [first, second, third] = (await threeRecords()) as [Buffer, Buffer, Buffer];
const wasSecond = 'one 1, two 1';
const isThird = 'one 2, two 1';
/** Where the third commit wrote its commit point. */
const slot = [sector, 2 * sector].find(
  (at) => !second.subarray(at, at + sector).equals(third.subarray(at, at + sector)),
) as number;

/** The file as it was, with these parts of the new one. */
function partly(...parts: readonly (readonly [from: number, to: number])[]): Buffer {
  const image = Buffer.alloc(Math.max(second.length, ...parts.map(([, to]) => to)));
  second.copy(image);
  for (const [from, to] of parts) third.copy(image, from, from, to);
  return image;
}

describe('a file whose last commit was cut off', () => {
  test('holds what was there before, whichever byte of what was added came last', async () => {
    for (let end = second.length; end <= third.length; end++) {
      expect(await holds(partly([second.length, end])), `cut off at ${end}`).toBe(wasSecond);
    }
  });

  test('holds what was there before, whichever byte of the commit point came last, until all of it is there', async () => {
    let whole = 0;
    for (let end = slot; end <= slot + sector; end++) {
      const image = partly([second.length, third.length], [slot, end]);
      const isWhole = image.equals(third);
      if (isWhole) whole++;
      expect(await holds(image), `cut off at ${end}`).toBe(isWhole ? isThird : wasSecond);
    }
    expect(whole).toBeGreaterThan(0);
  });

  test.each([
    ['nothing', 0],
    ['something else', 0xa5],
  ])('holds what was there before, whichever sectors a loss of power left with %s in them', async (_, filler) => {
    const parts: (readonly [number, number])[] = [[slot, slot + sector]];
    for (let at = second.length; at < third.length; at = parts.at(-1)![1]) {
      parts.push([at, Math.min(third.length, (Math.floor(at / sector) + 1) * sector)]);
    }
    for (let kept = 0; kept < 2 ** parts.length; kept++) {
      const isKept = (part: number): boolean => ((kept >> part) & 1) === 1;
      const image = partly(...parts.filter((_part, n) => isKept(n)));
      for (const [n, [from, to]] of parts.entries())
        if (n > 0 && !isKept(n)) image.fill(filler, from, Math.min(to, image.length));
      const isWhole = kept === 2 ** parts.length - 1;
      expect(await holds(image), `kept ${kept.toString(2)}`).toBe(isWhole ? isThird : wasSecond);
    }
  });

  test('takes the next save, which leaves nothing of the one that was cut off', async () => {
    const three = sample('three');
    for (let end = second.length; end <= third.length; end += 7) {
      await commit(partly([second.length, end], [slot, slot + (end % 60)]), three);
      expect(await holds(readFileSync(path)), `cut off at ${end}`).toBe('one 1, three 1, two 1');
    }
  });

  test('is read so by a process that had it open, and as a whole once it is', async () => {
    writeFileSync(path, second);
    const backend = fileBackend(path);
    const revision = async () => (await backend.get(partition, 'one'))?.revision;
    expect(await revision()).toBe(1);
    for (const image of [
      partly([second.length, third.length - 1], [slot, slot + sector]),
      partly([second.length, third.length]),
    ]) {
      writeFileSync(path, image);
      expect(await revision()).toBe(1);
    }
    writeFileSync(path, third);
    expect(await revision()).toBe(2);
    // taken back by the writer, and another commit of the same length in its place
    writeFileSync(path, second);
    const other = await commit(second, sample('two', { revision: 2 }));
    const further = await commit(other, sample('four'));
    writeFileSync(path, third);
    expect(await revision()).toBe(2);
    writeFileSync(path, further);
    expect(await revision()).toBe(1);
    expect((await backend.get(partition, 'two'))?.revision).toBe(2);
  });
});

describe('a damaged file', () => {
  /** Expects every operation to be refused, and the file to stay as it is. */
  async function expectDamaged(image: Uint8Array, what: string): Promise<void> {
    writeFileSync(path, image);
    const backend = fileBackend(path);
    for (const work of [
      () => backend.page(partition, 10),
      () => backend.put(sample('new'), {}),
      () => backend.clear(partition),
    ]) {
      const code = await work().then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
      expect(['E_FORMAT', 'E_CONFIG', 'E_VERSION'], `${what}: ${code}`).toContain(code);
    }
    expect(readFileSync(path).equals(image), what).toBe(true);
  }

  test('that ends before the older commit is reported, wherever it ends', async () => {
    for (let end = 0; end < first.length; end += 7) await expectDamaged(second.subarray(0, end), `ends at ${end}`);
    await expectDamaged(second.subarray(0, first.length - 1), 'ends a byte too early');
  });

  test('with another byte in what was committed before the last commit is reported, whichever byte it is', async () => {
    for (let at = header; at < first.length; at += 3) {
      const image = Buffer.from(third);
      image[at]! ^= 1;
      await expectDamaged(image, `altered at ${at}`);
    }
  });

  test('with neither commit point is reported', async () => {
    const image = Buffer.from(third);
    image.fill(' ', sector, header);
    await expectDamaged(image, 'no commit point');
    expect((await expectCode('E_FORMAT', fileBackend(path).get(partition, 'one'))).message).toContain('backup');
  });

  test('that is damaged while it is open is not written to', async () => {
    writeFileSync(path, third);
    const backend = fileBackend(path);
    expect((await backend.get(partition, 'one'))?.revision).toBe(2);
    const image = third.subarray(0, third.length - 1);
    writeFileSync(path, image);
    await expectCode('E_FORMAT', backend.put(sample('new'), {}));
    expect(readFileSync(path).equals(image)).toBe(true);
  });
});
