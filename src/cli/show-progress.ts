import { Presets, SingleBar } from 'cli-progress';

/** Shows how far something has come. */
export interface Progress {
  /** @param leftMs how much longer it takes, in milliseconds, where that can be told. */
  readonly onProgress: (done: number, total: number, leftMs?: number) => void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** How many rows or records there are between two lines, at least. */
const leastPerLine = 100;

/**
 * Shows progress on standard error: a bar on a terminal, else a line after each tenth.
 *
 * @param what is being done to the rows or records.
 * @param estimates whether it will say how much longer it takes.
 */
export function showProgress(what: string, estimates = false): Progress {
  if (process.stderr.isTTY) return showBar(what, estimates);
  let lines = 0;
  return {
    onProgress(done, total, leftMs) {
      const passed = Math.floor(done / Math.max(leastPerLine, Math.ceil(total / 10)));
      if (passed > lines && done < total) process.stderr.write(`${what} ${done} of ${total}${left(leftMs)}\n`);
      lines = passed;
    },
    end: () => undefined,
  };
}

/** Does work while its progress is shown. */
export async function shown<Result>(
  what: string,
  work: (onProgress: Progress['onProgress']) => Promise<Result>,
  estimates?: boolean,
): Promise<Result> {
  const progress = showProgress(what, estimates);
  try {
    return await work(progress.onProgress);
  } finally {
    progress.end();
  }
}

/** Of a fixed width, so that what stands before it does not jump. */
const leftWidth = ', 59 min left'.length;

function left(ms: number | undefined): string {
  if (ms === undefined) return '';
  const [amount, unit] = ms < 90_000 ? [ms / 1000, 's'] : ms < 5_400_000 ? [ms / 60_000, 'min'] : [ms / 3_600_000, 'h'];
  return `, ${Math.ceil(amount)} ${unit} left`;
}

function showBar(what: string, estimates: boolean): Progress {
  let bar: SingleBar | undefined;
  return {
    onProgress(done, total, leftMs) {
      bar ??= startBar(what, total, estimates);
      bar.update(done, { left: left(leftMs) });
    },
    end() {
      bar?.stop();
    },
  };
}

function startBar(what: string, total: number, estimates: boolean): SingleBar {
  // a terminal that does not know its width says 0; the last column stays free for the cursor
  const taken = `${what}  ${total} of ${total}`.length + (estimates ? leftWidth : 0) + 1;
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value} of {total}{left}`,
      barsize: Math.max(1, Math.min(40, (process.stderr.columns || 80) - taken)),
      stream: process.stderr,
      clearOnComplete: true,
      // the signal is for the work, which ends in its own time
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { left: '' });
  return bar;
}
