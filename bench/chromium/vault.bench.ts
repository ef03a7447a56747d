import { expect, test } from 'vitest';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import type { EdgeKeyHalf } from '../../src/vault/edge-key-half.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { passkeySlot } from '../../src/vault/passkey-slot.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { sessionSlot } from '../../src/vault/session-slot.ts';
import type { SlotMethod } from '../../src/vault/slot-method.ts';
import { splitSlot } from '../../src/vault/split-slot.ts';
import { virtualAuthenticator } from '../../test/chromium/virtual-authenticator.ts';
import { compare } from '../support/ratio.ts';

/** An edge that answers at once. */
function edgeInMemory(): EdgeKeyHalf {
  const half = crypto.getRandomValues(new Uint8Array(32));
  return { create: async () => half.slice(), fetch: async () => half.slice(), destroy: async () => undefined };
}

test('unlocking a vault, by each kind of slot', async ({ task }) => {
  // answers every touch at once, as a user never does: what is timed is the rest
  await virtualAuthenticator();
  const iterations = 600_000;
  const salt = new Uint8Array(16);
  const password = await crypto.subtle.importKey('raw', new TextEncoder().encode('a passphrase'), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const stretch = () => crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, password, 256);
  const kinds: readonly SlotMethod[] = [
    sessionSlot(),
    deviceSlot(),
    splitSlot(edgeInMemory()),
    recoverySlot(await generateRecoveryCode()),
    passkeySlot({ rpName: 'bench', userName: 'ann' }),
    passphraseSlot('a passphrase', { iterations }),
  ];
  const figures = [];
  for (const slot of kinds) {
    const vault = openVault({ name: `bench-${slot.kind}` });
    await vault.create(slot);
    const unlock = async () => {
      vault.lock();
      await vault.unlock(slot);
    };
    const { ratio, ours, plain } = await compare(unlock, stretch, { rounds: 5, batch: 1 });
    figures.push({
      name: `unlock, ${slot.kind} ÷ PBKDF2 alone`,
      value: ratio.toFixed(2),
      note: `Chromium, ${(ours / 1000).toFixed(1)} against ${(plain / 1000).toFixed(0)} ms of 600,000 iterations`,
    });
    expect(await vault.state()).toBe('unlocked');
    vault.close();
  }
  task.meta.figures = figures;
});
