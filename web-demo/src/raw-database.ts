/** One row of tokenkeep's IndexedDB database as the browser stores it. */
export interface RawRow {
  readonly partition: string;
  readonly id: string;
  readonly sealed: Uint8Array<ArrayBuffer>;
  readonly [column: string]: unknown;
}

const records = 'records';

/** Reads the rows of one partition without tokenkeep, to show what anybody finds who opens the database. */
export async function readRows(name: string, partition: string): Promise<readonly RawRow[]> {
  // opening a database that is not there would create an empty one
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return [];
  return withStore(name, 'readonly', (store) => store.getAll(IDBKeyRange.bound([partition], [partition, []])));
}

/** Writes a row past tokenkeep, as somebody would who tampers with the database. */
export async function writeRow(name: string, row: RawRow): Promise<void> {
  await withStore(name, 'readwrite', (store) => store.put(row));
}

async function withStore<Result>(
  name: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await result(indexedDB.open(name));
  try {
    return await result(act(database.transaction(records, mode).objectStore(records)));
  } finally {
    database.close();
  }
}

function result<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('the browser did not open its database'));
  });
}
