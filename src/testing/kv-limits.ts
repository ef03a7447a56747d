/** How long Workers KV lets nobody write a key again, in milliseconds. */
export const kvWriteIntervalMs = 1000;

/** KV refuses a shorter life, in seconds. */
const minimumTtl = 60;

const bytesIn = (text: string): number => new TextEncoder().encode(text).length;

/** @throws `Error` with KV's own words when KV takes no key like this. */
export function checkKvKey(method: 'GET' | 'PUT' | 'DELETE', key: string): void {
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.' || key === '..') throw new TypeError(`"${key}" is not allowed as a key name.`);
  const length = bytesIn(key);
  if (length > 512) {
    throw new Error(`KV ${method} failed: 414 UTF-8 encoded length of ${length} exceeds key length limit of 512.`);
  }
}

/** @throws `Error` with KV's own words when KV stores no value like this. */
export function checkKvValue(bytes: number, metadata: string, expirationTtl: number | undefined): void {
  if (expirationTtl !== undefined && !(expirationTtl >= minimumTtl)) {
    throw new Error(
      `KV PUT failed: 400 Invalid expiration_ttl of ${expirationTtl}. Expiration TTL must be at least ${minimumTtl}.`,
    );
  }
  if (bytesIn(metadata) > 1024) {
    throw new Error(`KV PUT failed: 413 Metadata length of ${bytesIn(metadata)} exceeds limit of 1024.`);
  }
  if (bytes > 26_214_400) throw new Error(`KV PUT failed: 413 Value length of ${bytes} exceeds limit of 26214400.`);
}

/** @throws `Error` with KV's own words when KV lists no page of this size. */
export function checkKvPage(limit: number): void {
  if (!(limit >= 1 && limit <= 1000)) {
    throw new Error(
      `KV GET failed: 400 Invalid key_count_limit of ${limit}. Please specify an integer less than 1000.`,
    );
  }
}
