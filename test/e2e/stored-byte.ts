import type { Page } from 'playwright';

/** A byte of the page's sealed token in hexadecimal, read past tokenkeep after flipping the given bits of it. */
export async function storedByte(page: Page, offset: number, flip = 0): Promise<string> {
  return page.evaluate(
    async ([at, bits]) => {
      const result = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await result(indexedDB.open('tokenkeep'));
      const records = database.transaction('records', 'readwrite').objectStore('records');
      const rows: { partition: string; sealed: Uint8Array }[] = await result(records.getAll());
      const row = rows.find(({ partition }) => partition === 'default/tokens');
      if (row === undefined) throw new Error('no token is stored');
      const byte = (row.sealed[at] ?? 0) ^ bits;
      row.sealed[at] = byte;
      await result(records.put(row));
      database.close();
      return byte.toString(16).padStart(2, '0');
    },
    [offset, flip] as const,
  );
}
