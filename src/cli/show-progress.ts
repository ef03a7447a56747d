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
  let bar: SingleBar | undefined;
  return {
    onProgress(done, total) {
      bar ??= startBar(what, total);
      bar.update(done);
    },
    end() {
      bar?.stop();
    },
  };
}

function startBar(what: string, total: number): SingleBar {
  // a terminal that does not know its width says 0; the last column stays free for the cursor
  const room = (process.stderr.columns || 80) - `${what}  ${total} of ${total}`.length - 1;
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value} of {total}`,
      barsize: Math.max(1, Math.min(40, room)),
      stream: process.stderr,
      clearOnComplete: true,
      // the signal is for the import, which ends after its row
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
}
