import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoCard, demoCard, settled } from './demo-card.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';
import { storedByte } from './stored-byte.ts';

describe('a record that does not open', () => {
  let demo: RunningDemo;
  let card: DemoCard;
  let primary: Locator;

  beforeAll(async () => {
    demo = await startDemo('d1');
    card = demoCard(demo.page, 'page');
    primary = card.card.locator('button.primary');
    await demo.page.goto(demo.stack.address);
    await settled(demo.page);
    await card.signIn('alice');
  });
  afterAll(() => demo?.close());

  test('has the flipped byte marked and named, after a reload too', async () => {
    const before = await storedByte(demo.page, 100);
    expect(await card.card.locator('mark').count()).toBe(0);
    await card.press('Flip one bit');
    await demo.page.reload();
    await settled(demo.page);
    const after = await storedByte(demo.page, 100);
    expect(after).not.toBe(before);
    expect(await card.card.locator('.ciphertext mark').allInnerTexts()).toEqual([after]);
    await card.shows(`Changed: byte 35 of the ciphertext, from ${before} to ${after}`);
    await card.press('Put the bit back');
    expect(await storedByte(demo.page, 100)).toBe(before);
    expect(await card.card.locator('mark').count()).toBe(0);
  });

  test('offers first to put the bit back when it was flipped here, and a new sign-in beside it', async () => {
    expect(await primary.allInnerTexts()).toEqual(['Call the API']);
    await card.press('Flip one bit');
    expect(await primary.allInnerTexts()).toEqual(['Put the bit back']);
    expect(await card.card.getByRole('button', { name: 'Sign in again' }).isEnabled()).toBe(true);
    await card.press('Put the bit back');
    expect(await primary.allInnerTexts()).toEqual(['Call the API']);
  });

  test('offers first a new sign-in when it was damaged elsewhere, which mends it', async () => {
    await storedByte(demo.page, 50, 1);
    await demo.page.reload();
    await settled(demo.page);
    await card.shows('the record is refused');
    expect(await primary.allInnerTexts()).toEqual(['Sign in again']);
    expect(await card.card.getByRole('button', { name: 'Put the bit back' }).count()).toBe(0);
    expect(await card.card.locator('mark').count()).toBe(0);
    await card.signIn('alice');
    await card.shows('signed in as alice');
    expect(await primary.allInnerTexts()).toEqual(['Call the API']);
  });

  test('is only deleted here by signing out, and the card says so', async () => {
    await card.press('Flip one bit');
    await card.press('Sign out');
    await card.shows('Deleted here. The server could not be told');
    await card.shows('signed out');
    expect(demo.stack.authorizationServer.counts.revocations).toBe(0);
  });

  test('gives the browser nothing to complain about', () => {
    expect(demo.complaints).toEqual([]);
  });

  test('offers first a new sign-in at the edge as well', async () => {
    const edge = demoCard(demo.page, 'edge');
    await edge.signIn('alice');
    await damageRows(demo.databaseFolder);
    await edge.press('Call the API');
    await edge.shows('the record is refused');
    expect(await edge.card.locator('button.primary').allInnerTexts()).toEqual(['Sign in again']);
    await edge.signIn('alice');
    await edge.shows('signed in as alice');
  });
});

/** Cuts the last byte off every token in D1, past the worker. */
async function damageRows(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((file) => file.endsWith('.sqlite') && !file.endsWith('metadata.sqlite'))) {
    const database = new DatabaseSync(join(folder, name));
    database.exec(
      "UPDATE tokenkeep_record SET sealed = substr(sealed, 1, length(sealed) - 1) WHERE partition = 'default/tokens'",
    );
    database.close();
  }
}
