import { Presets, SingleBar } from 'cli-progress';

/** Shows how far something has come. */
export interface Progress {
  readonly onProgress: (done: number, total: number) => void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** How many rows there are between two lines, at least. */
const rowsPerLine = 100;

/**
 * Shows progress on standard error: a bar on a terminal, else a line after each tenth of the rows.
 *
 * @param what is being done to the rows.
 */
export function showProgress(what: string): Progress {
  if (process.stderr.isTTY) return showBar(what);
  return {
    onProgress(done, total) {
      const step = Math.max(rowsPerLine, Math.ceil(total / 10));
      if (done % step === 0 && done < total) process.stderr.write(`${what} ${done} of ${total}\n`);
    },
    end: () => undefined,
  };
}

function showBar(what: string): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value} of {total}, {eta_formatted} to go`,
      stream: process.stderr,
      clearOnComplete: true,
      // the signal is for the import, which ends after its row
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    onProgress(done, total) {
      if (!started) bar.start(total, 0);
      started = true;
      bar.update(done);
    },
    end() {
      if (started) bar.stop();
    },
  };
}
