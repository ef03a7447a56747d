import type { Page } from 'playwright';

/**
 * Everything that a page's origin has stored, read past tokenkeep: all rows of all IndexedDB databases, web storage and
 * cookies that script can see. Texts in UTF-8 and bytes as they are, one after the other.
 */
export async function storedByOrigin(page: Page): Promise<Uint8Array> {
  const base64 = await page.evaluate(async () => {
    const result = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const chunks: Uint8Array[] = [];
    const add = (value: unknown): void => {
      if (value instanceof Uint8Array) chunks.push(value);
      else if (value instanceof ArrayBuffer) chunks.push(new Uint8Array(value));
      else if (typeof value !== 'object') chunks.push(new TextEncoder().encode(`${value}\n`));
      else if (value !== null && !(value instanceof CryptoKey))
        for (const inner of Object.entries(value).flat()) add(inner);
    };
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await result(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        add(await result(database.transaction(store).objectStore(store).getAllKeys()));
        add(await result(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    add({ ...localStorage });
    add({ ...sessionStorage });
    add(document.cookie);
    return btoa(chunks.map((chunk) => String.fromCharCode(...chunk)).join(''));
  });
  return Buffer.from(base64, 'base64');
}
