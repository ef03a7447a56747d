import { parseArgs } from 'node:util';

/** What can be asked of `npm start`. */
export interface StartOptions {
  /** The page's port, or the first free one above it. */
  readonly port: number;
  /** Where the worker keeps tokens. */
  readonly backend: 'd1' | 'kv';
}

const usage = `Use: npm start [-- options]
  --kv          keep tokens in KV instead of D1
  --port PORT   serve the page there (default 8787)`;

/** Reads the options of `npm start`; ends the process with the usage when there is one it does not know. */
export function startOptions(args: readonly string[]): StartOptions {
  try {
    const options = {
      kv: { type: 'boolean', default: false },
      port: { type: 'string', default: '8787' },
      help: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_000) throw new Error('not a port');
    return { port, backend: values.kv ? 'kv' : 'd1' };
  } catch {
    console.error(usage);
    process.exit(2);
  }
}
