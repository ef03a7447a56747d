import { parseArgs } from 'node:util';

/** What can be asked of `npm start`. */
export interface StartOptions {
  /** The page's port, or the first free one above it. */
  readonly port: number;
  /** Where the worker keeps tokens. */
  readonly backend: BackendName;
}

/** D1; KV; or D1 with access tokens cached in KV. */
export type BackendName = 'd1' | 'kv' | 'd1+kv';

const usage = `Use: npm start [-- options]
  --kv          keep tokens in KV instead of D1; the authorization server then does not replace refresh tokens
  --kv-cache    keep tokens in D1, and cache access tokens in KV
  --port PORT   serve the page there (default 8787)`;

/** Reads the options of `npm start`; ends the process with the usage when there is one it does not know. */
export function startOptions(args: readonly string[]): StartOptions {
  try {
    const options = {
      kv: { type: 'boolean', default: false },
      'kv-cache': { type: 'boolean', default: false },
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
    if (values.kv && values['kv-cache']) throw new Error('one or the other');
    return { port, backend: values.kv ? 'kv' : values['kv-cache'] ? 'd1+kv' : 'd1' };
  } catch {
    console.error(usage);
    process.exit(2);
  }
}
