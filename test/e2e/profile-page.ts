// What the pages of the profile's tests load.

import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import {
  deviceSlot,
  edgeKeyHalf,
  openVault,
  passkeySlot,
  passphraseSlot,
  recoverySlot,
  type SlotKind,
  type SlotMethod,
  sessionSlot,
  splitSlot,
} from '../../src/vault/index.ts';

/** The keys of a new vault, as bytes that only a test gets to see. */
export interface SeenKeys {
  /** The master key and the root key. */
  readonly made: readonly number[][];
  /** What the slot's key is derived from: of a device or split slot, what IndexedDB keeps. */
  readonly secrets: readonly number[][];
}

/** What became of an attempt to open a vault and read its token. */
export interface Attempt {
  readonly state: string;
  /** The error, where there was one. */
  readonly code?: string;
  readonly accessToken?: string | undefined;
}

const slots: { readonly [K in SlotKind]: (secret: string) => SlotMethod } = {
  session: sessionSlot,
  device: deviceSlot,
  passphrase: passphraseSlot,
  recovery: recoverySlot,
  passkey: () => passkeySlot({ rpName: 'a test', userName: 'ann' }),
  split: () => splitSlot(edgeKeyHalf()),
};

function placeOf(kind: SlotKind) {
  const backend = indexedDbBackend({ name: `tokens-${kind}` });
  const vault = openVault({ name: `vault-${kind}`, backend });
  return { vault, store: new EncryptedTokenStore({ backend, keyring: vault.keyring }) };
}

/** Notes the bytes of keys on their way into Web Crypto. They are random as ever, and used as ever. */
function watchKeys(): { readonly made: number[][]; readonly secrets: number[][] } {
  const seen = { made: [] as number[][], secrets: [] as number[][] };
  const { generateKey, importKey, exportKey } = SubtleCrypto.prototype;
  Object.assign(crypto.subtle, {
    async generateKey(...args: Parameters<typeof generateKey>) {
      const key = (await generateKey.apply(crypto.subtle, args)) as CryptoKey;
      if (key.extractable) {
        seen.made.push([...new Uint8Array((await exportKey.call(crypto.subtle, 'raw', key)) as ArrayBuffer)]);
      }
      return key;
    },
    importKey(...args: Parameters<typeof importKey>) {
      if (args[2] === 'HKDF') seen.secrets.push([...(args[1] as unknown as Uint8Array)]);
      return importKey.apply(crypto.subtle, args);
    },
  });
  return seen;
}

/** Makes a vault with one slot, and saves a token in it. */
async function make(kind: SlotKind, secret: string, accessToken: string, userName: string): Promise<SeenKeys> {
  const { vault, store } = placeOf(kind);
  const seen = watchKeys();
  await vault.create(slots[kind](secret));
  await store.saveToken({ issuer: 'https://login.example', clientId: 'page', userName, accessToken });
  return seen;
}

/** Opens a vault and reads its token, as the page of an application does. */
async function attempt(kind: SlotKind, secret: string): Promise<Attempt> {
  const { vault, store } = placeOf(kind);
  const state = await vault.state();
  try {
    await vault.unlock(slots[kind](secret));
    const [token] = await store.getTokens();
    return { state, accessToken: token?.accessToken };
  } catch (error) {
    return { state, code: (error as { readonly code: string }).code };
  } finally {
    vault.close();
  }
}

/**
 * Stores a text in the clear, after its parts, so that packing leaves no copy of the whole; and as much else as makes browsers pack
 * what they have.
 */
async function plant(text: string): Promise<void> {
  const opening = indexedDB.open('planted');
  opening.onupgradeneeded = () => opening.result.createObjectStore('planted');
  await new Promise((resolve) => {
    opening.onsuccess = resolve;
  });
  const writing = opening.result.transaction('planted', 'readwrite', { durability: 'strict' });
  const [left, right] = [text.slice(0, text.length / 2), text.slice(text.length / 2)];
  writing.objectStore('planted').put(`${right} ${left} ${text}`, 0);
  for (let i = 1; i <= 200; i++) writing.objectStore('planted').put(`${i}`.repeat(10_000), i);
  await new Promise((resolve) => {
    writing.oncomplete = resolve;
  });
}

/** What the page does for a test. */
export interface ProfilePage {
  readonly plant: typeof plant;
  readonly make: typeof make;
  readonly attempt: typeof attempt;
  /** The worker's half of a key: the one that there is, or a new one. */
  half(isNew?: boolean): Promise<number[]>;
}

/** The page's global object. */
export interface ProfileGlobal {
  profilePage: ProfilePage;
}

(globalThis as unknown as ProfileGlobal).profilePage = {
  plant,
  make,
  attempt,
  half: async (isNew) => [...(await (isNew ? edgeKeyHalf().create() : edgeKeyHalf().fetch()))],
};
