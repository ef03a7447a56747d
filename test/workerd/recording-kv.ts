import type { KVLike, KVPutOptions } from '../../src/backends/kv-backend.ts';

/** A write that KV was asked for. */
export interface RecordedWrite {
  readonly key: string;
  /** Absent for a deletion. */
  readonly options?: KVPutOptions;
}

/**
 * A KV binding that notes its writes.
 *
 * @param fails is told how many writes went before, and whether this one fails.
 */
export function recordingKv(
  kv: KVNamespace,
  fails: (before: number) => string | undefined = () => undefined,
): KVLike & { readonly writes: readonly RecordedWrite[] } {
  const writes: RecordedWrite[] = [];
  const note = (write: RecordedWrite): void => {
    const failure = fails(writes.push(write) - 1);
    if (failure !== undefined) throw new Error(failure);
  };
  return {
    writes,
    getWithMetadata: (key, type) => kv.getWithMetadata(key, type),
    list: (options) => kv.list(options),
    put: async (key, value, options) => {
      note({ key, options });
      await kv.put(key, value, options);
    },
    delete: async (key) => {
      note({ key });
      await kv.delete(key);
    },
  };
}
