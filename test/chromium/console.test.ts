import { expect, onTestFinished, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { failures } from '../support/failures.ts';
import { findTraces } from '../support/find-traces.ts';

test('case 62: the previews that the browser’s console makes show no secret', async () => {
  const { secrets, errors, objects } = await failures();
  const session = cdp() as unknown as {
    send(method: string): Promise<unknown>;
    on(event: string, listener: (payload: unknown) => void): void;
    off(event: string, listener: (payload: unknown) => void): void;
  };
  const printed: string[] = [];
  const listen = (payload: unknown) => void printed.push(JSON.stringify(payload));
  session.on('Runtime.consoleAPICalled', listen);
  await session.send('Runtime.enable');
  onTestFinished(async () => {
    // An event that arrives after the test file is over ends the whole run.
    await session.send('Runtime.disable');
    session.off('Runtime.consoleAPICalled', listen);
  });
  // a console of its own, which nobody has wrapped: the browser alone makes the previews
  const frame = document.body.appendChild(document.createElement('iframe'));
  const { console: untouched } = frame.contentWindow as Window & typeof globalThis;
  for (const object of [...errors, ...objects]) untouched.debug(object, { inside: object });
  untouched.debug({ token: secrets[0] }); // what a preview does show, so that the search is known to work
  await expect.poll(() => printed.some((text) => text.includes(secrets[0] as string))).toBe(true);
  const ours = printed.filter((text) => !text.includes('"token"'));
  expect(ours.length).toBeGreaterThanOrEqual(errors.length + objects.length);
  expect(findTraces(new TextEncoder().encode(ours.join('\n')), secrets)).toEqual([]);
});
