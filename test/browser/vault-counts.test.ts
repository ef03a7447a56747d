import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { splitSlot } from '../../src/vault/split-slot.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { countCrypto } from '../support/count-crypto.ts';
import { memoryEdge } from '../support/memory-edge.ts';
import { watchConnections } from './indexeddb-connections.ts';

const [device, recovery] = [deviceSlot(), recoverySlot(generateRecoveryCode())];
const passphrase = passphraseSlot('a passphrase', { iterations: 600_000 });
let name: string;
let vault: Vault;

beforeEach(() => {
  name = `vault-counts-${crypto.randomUUID()}`;
  vault = openVault({ name });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vault.close();
  await deleteDB(name);
});

/** The Web Crypto calls and the modes of the transactions that the work makes. */
async function cost(work: () => Promise<unknown>) {
  const watch = watchConnections();
  try {
    const calls = await countCrypto(work);
    return { calls, transactions: watch.transactions.map(({ mode, durability }) => `${mode} ${durability}`) };
  } finally {
    watch.stop();
  }
}
const read = 'readonly default';
const write = 'readwrite strict';
const probe = ['readwrite default', 'readwrite default'];
/** To open a slot: commitment, key, master key; then the key that wraps roots, and each root with its id. */
const unlocking = { deriveBits: 2, deriveKey: 2, unwrapKey: 2 };

describe('a vault', () => {
  test('costs, for each call, these Web Crypto calls and transactions', async () => {
    expect(await cost(() => vault.create(device))).toEqual({
      calls: { deriveBits: 4, deriveKey: 3, generateKey: 2, importKey: 1, wrapKey: 3, unwrapKey: 3 },
      transactions: [read, ...probe, write],
    });
    expect(await cost(() => vault.unlock(device))).toEqual({ calls: unlocking, transactions: [read] });
    expect(await cost(() => vault.addSlot(recovery, { by: device }))).toEqual({
      calls: { deriveBits: 3, deriveKey: 3, importKey: 1, wrapKey: 1, unwrapKey: 2 },
      transactions: [read, write],
    });
    expect(await cost(() => vault.unlock(recovery))).toEqual({
      calls: { ...unlocking, importKey: 1 },
      transactions: [read],
    });
    expect(await cost(() => vault.removeSlot('device'))).toEqual({ calls: {}, transactions: [read, write] });
    expect(await cost(() => vault.rekey({ by: recovery, slots: [recovery] }))).toEqual({
      calls: { deriveBits: 6, deriveKey: 5, generateKey: 2, importKey: 2, wrapKey: 4, unwrapKey: 6 },
      transactions: [read, write],
    });
    for (const call of [vault.state, vault.slots]) {
      expect(await cost(call)).toEqual({ calls: {}, transactions: [read] });
    }
    expect(await cost(async () => vault.keyring.sealingRoot())).toEqual({ calls: {}, transactions: [] });
  });

  test('with a passphrase derives it once to open, and once more to open the new one', async () => {
    const derive = vi.spyOn(crypto.subtle, 'deriveBits');
    const iterations = () => derive.mock.calls.map(([how]) => (how as Pbkdf2Params).iterations).filter(Boolean);
    await vault.create(passphrase);
    expect(iterations()).toEqual([600_000]);
    vault.lock();
    await vault.unlock(passphrase);
    expect(iterations()).toEqual([600_000, 600_000]);
  });

  test('case 60: makes no Web Crypto call while a transaction of its own is open', async () => {
    let open = 0;
    const during: string[] = [];
    const { transaction } = IDBDatabase.prototype;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      const begun = transaction.apply(this, args as Parameters<typeof transaction>);
      open++;
      for (const end of ['complete', 'abort']) begun.addEventListener(end, () => void open--);
      return begun;
    });
    for (const method of ['deriveBits', 'deriveKey', 'generateKey', 'importKey', 'wrapKey', 'unwrapKey'] as const) {
      const call = crypto.subtle[method] as (...args: unknown[]) => Promise<unknown>;
      vi.spyOn(crypto.subtle, method).mockImplementation((...args: unknown[]) => {
        if (open > 0) during.push(method);
        return call.apply(crypto.subtle, args) as never;
      });
    }
    await vault.open(device);
    await vault.addSlot(recovery, { by: device });
    await vault.addSlot(splitSlot(memoryEdge()), { by: recovery });
    await vault.addKey();
    vault.lock();
    await vault.unlock(recovery);
    await vault.retireKey((vault.keys()[0] as { keyId: string }).keyId);
    await vault.rekey({ by: recovery, slots: [recovery, device] });
    expect(during).toEqual([]);
  });
});
