/** A transaction that was opened. */
export interface OpenedTransaction {
  readonly mode: string;
  readonly durability: string;
}

/** What a page's IndexedDB was asked for while it was watched. */
export interface ConnectionWatch {
  readonly transactions: readonly OpenedTransaction[];
  /** Every connection that a transaction was asked of, once. */
  readonly connections: readonly IDBDatabase[];
  /** How often a database was opened. */
  readonly opened: number;
  stop(): void;
}

/**
 * Notes the transactions and connections of this page, whoever opens them.
 *
 * @param before is called before each transaction is opened, and may throw in its place.
 */
export function watchConnections(before: (connection: IDBDatabase) => void = () => undefined): ConnectionWatch {
  const { transaction } = IDBDatabase.prototype;
  const { open } = IDBFactory.prototype;
  const transactions: OpenedTransaction[] = [];
  const connections: IDBDatabase[] = [];
  let opened = 0;
  IDBDatabase.prototype.transaction = function (names, mode = 'readonly', options = {}) {
    if (!connections.includes(this)) connections.push(this);
    before(this);
    transactions.push({ mode, durability: options.durability ?? 'default' });
    return transaction.call(this, names, mode, options);
  };
  IDBFactory.prototype.open = function (...args) {
    opened++;
    return open.apply(this, args);
  };
  return {
    transactions,
    connections,
    get opened() {
      return opened;
    },
    stop: () => {
      IDBDatabase.prototype.transaction = transaction;
      IDBFactory.prototype.open = open;
    },
  };
}

/** A bare connection, which pays no attention to what other tabs want. */
export function openBare(name: string, version?: number): Promise<IDBDatabase> {
  return answer(indexedDB.open(name, version));
}

/** The result of a request. */
export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}
