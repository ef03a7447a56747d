import { assertBetween } from './assert-between.ts';
import { assertEqual } from './assert-equal.ts';
import { claimCase } from './claim-scenario.ts';
import { eventually } from './eventually.ts';
import type { RecordCases } from './record-scenario.ts';

const hour = 3_600_000;

/** What a record backend promises about the time in which nobody may claim. */
export const recordCoolingCases: RecordCases = {
  'a cool-down refuses everybody, and says for how long': claimCase(async ({ claim, release, read }) => {
    await claim('a');
    await release('a', { coolingMs: hour });
    const cooling = (await read())?.claim;
    const coolingMs = cooling?.coolingMs ?? 0;
    assertBetween(coolingMs, 3_000_000, hour, 'for how long it says that it cools down');
    assertEqual(cooling, { owner: '', heldMs: 0, coolingMs }, 'what the record says');
    assertEqual(await claim('a'), 'refused', 'a claim of the same owner');
    assertEqual(await claim('b'), 'refused', 'a claim of another owner');
  }),

  'a cool-down ends by itself': claimCase(async ({ claim, release, read }) => {
    await claim('a');
    await release('a', { coolingMs: 20 });
    assertEqual(await eventually('refused', () => claim('b')), 0, 'the next claim');
    assertEqual((await read())?.claim.coolingMs, 0, 'for how long it still cools down');
  }),

  'a cool-down and a doubt outlast each other': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('a', { coolingMs: 20, inDoubt: true });
    assertEqual(await eventually('refused', () => claim('b')), 1, 'doubts after the cool-down');
    await release('b', { coolingMs: hour });
    assertEqual(await claim('c'), 'refused', 'a claim after a clean release with a cool-down');
  }),

  'a cool-down outlasts writes that leave the refresh token as it is': claimCase(async (scenario) => {
    const { claim, release, update, read } = scenario;
    await claim('a');
    await release('a', { coolingMs: hour });
    await update(2);
    await update(3, { claimOwner: 'a' });
    assertBetween((await read())?.claim.coolingMs, 3_000_000, hour, 'for how long it still cools down');
    assertEqual(await claim('b', { revision: 3 }), 'refused', 'a claim after two writes');
  }),

  'a cool-down ends with a write of another refresh token': claimCase(async ({ claim, release, update, read }) => {
    await claim('a');
    await release('a', { coolingMs: hour });
    await update(2, { renewed: true });
    assertEqual((await read())?.claim, { owner: '', heldMs: 0, coolingMs: 0 }, 'what the record says');
    assertEqual(await claim('b', { revision: 2 }), 0, 'the next claim');
  }),

  'a duration need not be whole milliseconds': claimCase(async ({ claim, release }) => {
    assertEqual(await claim('a', { ttlMs: hour + 0.25 }), 0, 'the first claim');
    assertEqual(await claim('b'), 'refused', 'a claim while it is held');
    await release('a', { coolingMs: hour + 0.75 });
    assertEqual(await claim('b'), 'refused', 'a claim while it cools down');
  }),
};
