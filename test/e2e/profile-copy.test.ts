import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../src/core/hex.ts';
import type { SlotKind } from '../../src/vault/index.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { findInFiles } from './find-in-files.ts';
import { type BrowserName, openProfile, type ProfileBrowser } from './profile-browser.ts';
import type { SeenKeys } from './profile-page.ts';
import { type ProfileSite, startProfileSite } from './profile-site.ts';

const user = `sentinel-user-${crypto.randomUUID()}`;
const passphrase = `sentinel-passphrase-${crypto.randomUUID()}`;
const code = generateRecoveryCode();
const planted = `sentinel-planted-${crypto.randomUUID()}`;
const secretOf = { passphrase, recovery: code } as { readonly [K in SlotKind]?: string };
/** A vault of each kind; no engine but Chromium has authenticators for tests. */
const kindsOf = { chromium: ['passkey'], firefox: [] } as const;

let site: ProfileSite;
beforeAll(async () => {
  site = await startProfileSite(user);
});
afterAll(() => site?.close());

describe.each<BrowserName>(['chromium', 'firefox'])('a copy of a profile of %s', (name) => {
  const kinds: readonly SlotKind[] = ['session', 'device', 'passphrase', 'recovery', 'split', ...kindsOf[name]];
  const tokens = new Map(kinds.map((kind) => [kind, `sentinel-token-${kind}-${crypto.randomUUID()}`]));
  const keys = new Map<SlotKind, SeenKeys>();
  const closing: (() => Promise<unknown>)[] = [];
  let half: number[] = [];
  let original: string;
  let copied: string;
  let copy: ProfileBrowser;

  const open = async (folder: string): Promise<ProfileBrowser> => {
    const browser = await openProfile(name, folder, site.origin);
    closing.push(browser.close);
    return browser;
  };

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenkeep-profile-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    [original, copied] = [join(folder, 'original'), join(folder, 'copy')];
    const browser = await open(original);
    await browser.signIn();
    if (name === 'chromium') await browser.plugIn();
    for (const kind of kinds) {
      keys.set(kind, await browser.make(kind, secretOf[kind] ?? '', tokens.get(kind) ?? '', user));
      const attempt = await browser.attempt(kind, secretOf[kind] ?? '');
      // what this tab alone has is gone when its vault is closed
      if (kind !== 'session') expect(attempt).toEqual({ state: 'locked', accessToken: tokens.get(kind) });
    }
    half = await browser.half();
    await browser.plant(planted);
    await browser.close();
    await cp(original, copied, { recursive: true, verbatimSymlinks: true });
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  /** Of which kinds the files below a folder hold what the slot's key is derived from; and whatever else they may not hold. */
  const foundIn = async (folder: string): Promise<readonly string[]> => {
    const bytesOf = (seen: readonly number[][] = []) => seen.map((key) => Uint8Array.from(key));
    const made = kinds.flatMap((kind) => bytesOf(keys.get(kind)?.made));
    const texts = [...tokens.values(), user, passphrase, code, code.replaceAll('-', '')];
    const secrets = kinds.flatMap((kind) => bytesOf(keys.get(kind)?.secrets));
    const traces = await findInFiles(folder, [...secrets, ...made, Uint8Array.from(half), ...texts]);
    const kindOf = (trace: string): SlotKind | undefined =>
      kinds.find((kind) => bytesOf(keys.get(kind)?.secrets).some((secret) => trace.includes(toHex(secret))));
    return [...new Set(traces.map((trace) => kindOf(trace) ?? trace))].sort();
  };

  test('is searched for what the browser has packed as well', async () => {
    const traces = await findInFiles(copied, [planted]);
    expect(traces.join()).toMatch(/, unpacked: .* in utf-8/);
  });

  test('holds the secret of a device slot and of a split slot as it is; and of no other, nor any master key, root key, token, passphrase, code, name, or half of the worker', async () => {
    for (const { made, secrets } of keys.values()) expect([made.length, secrets.length > 0]).toEqual([2, true]);
    expect(await foundIn(copied)).toEqual(['device', 'split']);
  });

  test('opens by a device slot alone, and by no other without what the user knows or has', async () => {
    copy = await open(copied);
    if (name === 'chromium') await copy.plugIn();
    const wrong = { passphrase: `${passphrase}!`, recovery: generateRecoveryCode() } as typeof secretOf;
    const expected: { readonly [K in SlotKind]: object } = {
      session: { state: 'lost', code: 'E_NO_ROOT' },
      device: { state: 'locked', accessToken: tokens.get('device') },
      passphrase: { state: 'locked', code: 'E_PASSPHRASE' },
      recovery: { state: 'locked', code: 'E_PASSPHRASE' },
      passkey: { state: 'locked', code: 'E_CANCELLED' },
      split: { state: 'locked', accessToken: tokens.get('split') },
    };
    for (const kind of kinds) {
      expect([kind, await copy.attempt(kind, wrong[kind] ?? '')]).toEqual([kind, expected[kind]]);
    }
  });

  test('opens by the passphrase, and by the printed code', async () => {
    for (const kind of ['passphrase', 'recovery'] as const) {
      expect(await copy.attempt(kind, secretOf[kind] ?? '')).toEqual({
        state: 'locked',
        accessToken: tokens.get(kind),
      });
    }
  });

  test('opens by a split slot as long as its cookie is that of a session, and not without it', async () => {
    const cookies = await copy.context.cookies();
    expect(cookies.map((cookie) => cookie.name)).toEqual(['__Host-tokenkeep-session']);
    await copy.context.clearCookies();
    expect(await copy.attempt('split', '')).toEqual({ state: 'locked', code: 'E_REAUTH' });
    await copy.context.addCookies(cookies);
    expect(await copy.attempt('split', '')).toMatchObject({ accessToken: tokens.get('split') });
  });

  test('is shut for good to a split slot once the session was revoked', async () => {
    await site.revokeUser();
    expect(await copy.attempt('split', '')).toEqual({ state: 'locked', code: 'E_REAUTH' });
    await copy.close();
    expect(await foundIn(copied)).toEqual(['device', 'split']);
  });

  test('and so is the profile that it was made of, also to the user who signs in again', async () => {
    const browser = await open(original);
    expect(await browser.attempt('split', '')).toEqual({ state: 'locked', code: 'E_REAUTH' });
    await browser.signIn();
    expect(await browser.attempt('split', '')).toEqual({ state: 'locked', code: 'E_NO_ROOT' });
    expect(await browser.half(true)).not.toEqual(half);
    expect(await browser.attempt('split', '')).toEqual({ state: 'locked', code: 'E_NO_ROOT' });
    expect(await browser.attempt('device', '')).toMatchObject({ accessToken: tokens.get('device') });
    await browser.close();
  });
});
