import type { VirtualWorld } from './virtual-world.ts';

const methods = ['encrypt', 'decrypt', 'sign', 'digest', 'deriveBits', 'deriveKey', 'importKey'] as const;
const latin1 = new TextDecoder('latin1');

const keyNumbers = new WeakMap<CryptoKey, number>();
let keysMet = 0;
/** Results of what every run does before its seed matters. */
const common = new Map<string, Promise<unknown>>();

/**
 * Runs the work with the timers and the random numbers of the world in place of the runtime's, and with Web Crypto counted
 * as work that goes on. What Web Crypto was asked before, it is not asked again: a record that everybody reads is opened by
 * the first of them, so that a run takes milliseconds.
 */
export async function inVirtualWorld<Result>(world: VirtualWorld, work: () => Promise<Result>): Promise<Result> {
  const { subtle } = crypto;
  const own = new Map<string, Promise<unknown>>();
  const once = (method: (typeof methods)[number]) => {
    const real = subtle[method].bind(subtle) as (...args: unknown[]) => Promise<unknown>;
    return (...args: unknown[]): Promise<unknown> => {
      const name = `${method} ${args.map(nameOf).join('\n')}`;
      const known = own.get(name) ?? common.get(name) ?? world.run(() => real(...args));
      (world.isSeeded ? own : common).set(name, known);
      // a copy for each: the code under test wipes what it was given
      return known.then((result) => (result instanceof ArrayBuffer ? result.slice(0) : result));
    };
  };
  const replaced: readonly (readonly [object, string, unknown])[] = [
    [globalThis, 'setTimeout', world.setTimeout],
    [globalThis, 'clearTimeout', world.clearTimeout],
    [AbortSignal, 'timeout', world.timeout],
    [Math, 'random', world.random],
    [crypto, 'randomUUID', () => uuid(world.random)],
    [crypto, 'getRandomValues', (bytes: Uint8Array) => fill(bytes, world.random)],
    ...methods.map((method) => [subtle, method, once(method)] as const),
  ];
  const before = replaced.map(([holder, name]) => Object.getOwnPropertyDescriptor(holder, name));
  for (const [holder, name, value] of replaced) {
    Object.defineProperty(holder, name, { value, configurable: true, writable: true });
  }
  try {
    return await work();
  } finally {
    for (const [i, [holder, name]] of replaced.entries()) {
      const descriptor = before[i];
      if (descriptor === undefined) Reflect.deleteProperty(holder, name);
      else Object.defineProperty(holder, name, descriptor);
    }
  }
}

/** The same for the same argument of Web Crypto. */
function nameOf(part: unknown): string {
  if (part instanceof CryptoKey) {
    if (!keyNumbers.has(part)) keyNumbers.set(part, keysMet++);
    return `key ${keyNumbers.get(part)}`;
  }
  if (part instanceof ArrayBuffer || ArrayBuffer.isView(part)) return latin1.decode(part);
  if (typeof part !== 'object' || part === null) return String(part);
  return Object.values(part).map(nameOf).join('\n');
}

function fill(bytes: Uint8Array, random: () => number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = random() * 256;
  return bytes;
}

function uuid(random: () => number): string {
  const digits = Array.from({ length: 4 }, () =>
    Math.floor(random() * 0xffffffff)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
