import { expect } from 'vitest';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { type CliKeyrings, expectQuiet, expectTokens } from './cli-rig.ts';
import { startTokenkeep, type TokenkeepOptions, type TokenkeepRun } from './run-tokenkeep.ts';

/** A place with records under an old key, which are to get another one. */
export interface CutOffRotation {
  readonly place: string;
  readonly keyrings: CliKeyrings;
  /** The file of the keyring with the new key promoted. */
  readonly keyring: string;
  /** How many records there are, of one user each. */
  readonly users: number;
  /** How many are written together: so few that most of them are still to be done when the signal arrives. */
  readonly batch: number;
  readonly options?: TokenkeepOptions;
  /** Opens the place through nothing that the command line has left. */
  readonly look: (work: (backend: RecordBackend) => Promise<void>) => Promise<void>;
}

/**
 * Kills a rotation at a hundred records, interrupts the next one as a terminal does, and lets the third one come to its end.
 * Expects everything to be readable after each, with the keyring that has both keys, and nothing of a secret to be shown.
 */
export async function cutOffRotation(rotation: CutOffRotation): Promise<void> {
  const { place, keyrings, keyring, users, batch, options, look } = rotation;
  const { old, young, before, promoted } = keyrings;
  const args = ['rotate', '--in', place, '--keyring', keyring, '--batch-size', String(batch)];
  const run = async (signal?: NodeJS.Signals, ...more: string[]): Promise<TokenkeepRun> => {
    const { child, ended } = startTokenkeep([...args, ...more], { ...options, detached: true });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (signal === undefined || !chunk.includes('Sealing anew 100 of')) return;
      // like Ctrl-C, to everything that was started from a terminal
      process.kill(-(child.pid as number), signal);
    });
    const result = await ended;
    expectQuiet(result, [before, promoted]);
    return result;
  };
  /** How many records have the new key; all of them can be read. */
  const renewed = async (): Promise<number> => {
    let records = 0;
    await look(async (backend) => {
      const uses = await backend.keyUse();
      expect(uses.map(({ keyId, indexKeyId }) => [keyId, indexKeyId])).toEqual(
        [old, young].sort().map((id) => [id, id]),
      );
      records = uses.find(({ keyId }) => keyId === young)?.records ?? 0;
      await expectTokens(backend, promoted, users);
    });
    return records;
  };

  expect(await run('SIGKILL')).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  const killed = await renewed();
  expect(killed).toBeGreaterThanOrEqual(100);

  const interrupted = await run('SIGINT');
  expect(interrupted).toMatchObject({ code: 130, stdout: expect.stringContaining('Run the same command again') });
  const told = Number(/^Sealed anew: (\d+) of/.exec(interrupted.stdout)?.[1]);
  const after = await renewed();
  // a database that was started from the same terminal may end before it acknowledges the last batch, which then is whole
  expect([told, told + batch]).toContain(after - killed);
  expect(told % batch).toBe(0);

  const last = await run(undefined, '--json');
  expect(last.code).toBe(0);
  const report = JSON.parse(last.stdout);
  expect(report).toMatchObject({ total: users - after, resealed: users - after, failed: 0, remaining: 0 });
  expect(report.keys).toEqual([{ keyId: young, indexKeyId: young, records: users }]);
}
