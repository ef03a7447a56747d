import type { Env } from './env.ts';
import type { BackendName } from './settings.ts';

/** One column as the database holds it; bytes in hexadecimal digits. */
export type StoredColumn =
  | { readonly name: string; readonly value: string | number | null }
  | { readonly name: string; readonly hex: string };

/** A record at rest. */
export interface StoredRecord {
  /** Where it is kept, in words. */
  readonly place: string;
  readonly columns: readonly StoredColumn[];
  /** The name of the column that holds the envelope. */
  readonly sealedColumn: string;
}

/** Reads a token's record past the store, from the very database: what somebody with a copy of it would see. */
export async function storedRecord(env: Env, backend: BackendName, tokenId: string): Promise<StoredRecord | undefined> {
  return backend === 'kv' ? entryOf(env.KV as KVNamespace, tokenId) : rowOf(env.DB as D1Database, tokenId);
}

async function rowOf(db: D1Database, id: string): Promise<StoredRecord | undefined> {
  const query = db.prepare("SELECT * FROM tokenkeep_record WHERE partition = 'default/tokens' AND id = ?");
  const row = await query.bind(id).first<Record<string, string | number | null | ArrayBuffer | number[]>>();
  if (row === null) return undefined;
  const columns = Object.entries(row).map(([name, value]) =>
    value === null || typeof value !== 'object' ? { name, value } : { name, hex: hexOf(new Uint8Array(value)) },
  );
  return { place: 'Cloudflare D1, table tokenkeep_record', columns, sealedColumn: 'sealed' };
}

async function entryOf(kv: KVNamespace, id: string): Promise<StoredRecord | undefined> {
  const key = `tokenkeep/r/default/tokens/${id}`;
  const { value, metadata } = await kv.getWithMetadata(key, 'arrayBuffer');
  if (value === null) return undefined;
  const columns = [
    { name: 'key', value: key },
    { name: 'metadata', value: JSON.stringify(metadata) },
    { name: 'value', hex: hexOf(new Uint8Array(value)) },
  ];
  return { place: 'Cloudflare Workers KV', columns, sealedColumn: 'value' };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
