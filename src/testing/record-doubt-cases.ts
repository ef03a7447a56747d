import { assertEqual } from './assert-equal.ts';
import { claimCase } from './claim-scenario.ts';
import { eventually } from './eventually.ts';
import type { RecordCases } from './record-scenario.ts';

/** What a record backend promises about attempts of which nobody knows how they ended. */
export const recordDoubtCases: RecordCases = {
  'each attempt of which nobody knows how it ended is counted': claimCase(async ({ claim, release, abandonTo }) => {
    await claim('a');
    await release('a', { inDoubt: true });
    assertEqual(await claim('b'), 1, 'doubts after one doubtful release');
    await release('b', { inDoubt: true });
    assertEqual(await claim('c'), 2, 'doubts after two');
    await release('c', { inDoubt: true });
    assertEqual(await abandonTo('d'), 4, 'doubts after three, and a claim that ran out');
  }),

  'a claim that was neither written nor released ends by itself, in doubt': claimCase(
    async ({ abandonTo, claim, release }) => {
      assertEqual(await abandonTo('b'), 1, 'the claim after an abandoned one');
      assertEqual(await claim('abandons'), 'refused', 'a claim of the one who came too late');
      await release('abandons');
      assertEqual(await claim('c'), 'refused', 'a claim after a release that came too late');
      await release('b');
      assertEqual(await claim('c'), 1, 'the claim after a clean release: the doubt is inherited');
    },
  ),

  'a clean release leaves the doubts that its owner inherited, and no other': claimCase(async ({ claim, release }) => {
    for (const owner of ['a', 'b']) {
      await claim(owner);
      await release(owner, { inDoubt: true });
    }
    for (const owner of ['c', 'd', 'e']) {
      assertEqual(await claim(owner), 2, `doubts of ${owner}`);
      await release(owner);
    }
  }),

  'a claim that is repeated counts as one attempt': claimCase(async ({ claim, release }) => {
    await claim('a');
    await claim('a');
    await claim('a');
    await release('a', { inDoubt: true });
    assertEqual(await claim('b'), 1, 'doubts after one attempt that was claimed three times');
    await claim('b');
    await release('b');
    assertEqual(await claim('c'), 1, 'doubts after a clean release of a claim that was repeated');
  }),

  'an owner who lost the claim and comes back has to doubt its own attempt': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('a', { inDoubt: true });
    assertEqual(await claim('a'), 1, 'doubts of the same owner');
  }),

  'a doubt outlasts writes that leave the refresh token as it is': claimCase(async ({ claim, release, update }) => {
    await claim('a');
    await release('a', { inDoubt: true });
    await update(2);
    await update(3, { claimOwner: 'a', renewed: false });
    assertEqual(await claim('b', { revision: 3 }), 1, 'doubts after two writes');
  }),

  'a claim that runs out after an unrelated write is in doubt': claimCase(async ({ claim, update }) => {
    await claim('a', { ttlMs: 1 });
    await update(2);
    const next = await eventually('refused', () => claim('b', { revision: 2 }));
    assertEqual(next, 1, 'doubts of the next owner');
  }),

  'a write of another refresh token settles every doubt': claimCase(async ({ claim, release, update }) => {
    await claim('a');
    await release('a', { inDoubt: true });
    await update(2, { renewed: true });
    assertEqual(await claim('b', { revision: 2 }), 0, 'doubts about the next refresh token');
  }),

  'the write of its owner settles every doubt': claimCase(async ({ abandonTo, update, claim }) => {
    assertEqual(await abandonTo('b'), 1, 'the claim after an abandoned one');
    await update(2, { claimOwner: 'b' });
    assertEqual(await claim('c', { revision: 2 }), 0, 'doubts after the write');
  }),

  'a write that is refused settles nothing': claimCase(async ({ backend, sample, claim, release }) => {
    await claim('a');
    await release('a', { inDoubt: true });
    const late = sample('one', { revision: 2 });
    assertEqual(await backend.put(late, { revision: 7, renewed: true }), 'conflict', 'the write');
    assertEqual(await backend.put(late, { renewed: true }), 'conflict', 'the write as a new record');
    assertEqual(await claim('b'), 1, 'doubts of the next owner');
  }),

  'how an attempt ends is no doubt about the refresh token that somebody wrote meanwhile': claimCase(
    async ({ claim, release, update }) => {
      await claim('a');
      await update(2, { renewed: true });
      await release('a');
      assertEqual(await claim('b', { revision: 2 }), 0, 'doubts after a clean release');
      await update(3, { renewed: true });
      await release('b', { inDoubt: true });
      assertEqual(await claim('c', { revision: 3 }), 0, 'doubts after a doubtful release');
      await release('c', { inDoubt: true });
      assertEqual(await claim('d', { revision: 3 }), 1, 'doubts after a doubtful release that is about this one');
    },
  ),
};
