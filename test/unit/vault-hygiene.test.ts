import { expect, test, vi } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { passkeySlot } from '../../src/vault/passkey-slot.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { sessionSlot } from '../../src/vault/session-slot.ts';
import { splitSlot } from '../../src/vault/split-slot.ts';
import { findTraces } from '../support/find-traces.ts';
import { memoryEdge } from '../support/memory-edge.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';

const passphrase = 'marker-passphrase-0123456789';
const userName = 'marker-user-name-0123456789';
const code = generateRecoveryCode();
const secrets = [passphrase, userName, code, code.replaceAll('-', ''), code.replaceAll('-', '').slice(0, 26)];
const traces = (text: string) => findTraces(new TextEncoder().encode(text), secrets);

test('case 62: no error of a vault shows a secret, and each says what happened and what to do next', async () => {
  vi.stubGlobal('PublicKeyCredential', undefined); // nobody is there to be asked
  const storage = memoryVaultStorage();
  const vault = vaultInMemory(storage);
  const [device, recovery] = [deviceSlot(), recoverySlot(code)];
  const attempts: readonly (() => unknown)[] = [
    () => vault.unlock(device),
    () => vault.create(passkeySlot({ userName, rpName: passphrase })),
    () => vault.create(recovery).then(() => vault.create(recovery)),
    () => vault.unlock(recoverySlot(generateRecoveryCode())),
    () => vault.unlock(passkeySlot({ userName })),
    () => vault.addSlot(sessionSlot(), { by: recovery }),
    () => vault.addSlot(recovery, { by: recovery }),
    () => vault.removeSlot(passphrase),
    () => vault.removeSlot('recovery'),
    () => vault.changePassphrase(passphrase, `${passphrase}!`),
    () => vault.rekey({ by: recovery, slots: [] }),
    () => vault.rekey({ by: recovery, slots: [recovery, sessionSlot()] }),
    () => vault.retireKey(vault.keyring.sealingRoot().keyId),
    () => passphraseSlot(''),
    () => passphraseSlot(`${passphrase}\ud800`),
    () => passphraseSlot(passphrase, { iterations: 1 }),
    () => recoverySlot(code.slice(1)),
    () => recoverySlot(code.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
    () => vaultInMemory(storage, { idleMs: -1 }),
    () => vault.lock() ?? vault.keys(),
    () => splitSlot(memoryEdge()).recall({ storeId: '', rows: [] }),
    () => vault.close() ?? vault.state(),
  ];
  for (const [i, attempt] of attempts.entries()) {
    const outcome = await (async () => attempt())().catch((error: unknown) => error);
    expect(outcome, `attempt ${i}`).toBeInstanceOf(TokenkeepError);
    const { message, stack, cause } = outcome as TokenkeepError;
    expect(message).toMatch(/^[a-z][^\n]+[;,:] [^\n]+[^.]$/);
    expect(cause).toBeUndefined();
    expect(traces(`${message}${stack}${JSON.stringify(outcome)}`)).toEqual([]);
  }
  vi.unstubAllGlobals();
});

test('case 62: neither a vault nor a slot prints what it holds', async () => {
  const vault = vaultInMemory();
  const recovery = recoverySlot(code);
  const slots = [recovery, passphraseSlot(passphrase, { iterations: 600_000 }), passkeySlot({ userName })];
  await vault.create(recovery);
  for (const object of [vault, vault.keyring, ...slots]) {
    const printed = `${JSON.stringify(object)}${object}${Object.entries(object).join('\n')}`;
    expect(traces(printed)).toEqual([]);
  }
  expect(JSON.stringify(await vault.slots())).not.toContain('blob');
  expect(JSON.stringify(await vault.loss())).not.toContain('blob');
  vault.close();
});
