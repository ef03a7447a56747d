import type { Json } from '../core/oauth-token.ts';
import { assertEqual } from './assert-equal.ts';
import { hostileTexts } from './hostile-texts.ts';
import { type TokenCases, userToken } from './token-scenario.ts';

const textFields = [
  'userName',
  'issuer',
  'clientId',
  'clientSecret',
  'redirectUrl',
  'accessToken',
  'refreshToken',
  'apiDomain',
  'scope',
  'tokenType',
  'idToken',
] as const;

/** What a token store promises about values: they are kept and compared exactly, and mean nothing. */
export const tokenHostileCases: TokenCases = {
  'hostile values survive in every field, and find their token and no other': async ({ store }) => {
    await store.saveToken(userToken('bystander'));
    for (const text of hostileTexts) {
      const named = `with ${JSON.stringify(text)}`;
      const fields = Object.fromEntries(textFields.map((field) => [field, text]));
      const token = { ...fields, id: text, extras: { [`key ${text}`]: [text] } };
      const saved = await store.saveToken(token);
      assertEqual(saved, { ...token, revision: 1 }, `what the save returns ${named}`);
      assertEqual(await store.findTokenById(text), saved, `what is stored ${named}`);
      assertEqual(await store.findToken({ userName: text, issuer: text, clientId: text }), saved, `by user ${named}`);
      assertEqual(await store.findToken({ accessToken: text }), saved, `by access token ${named}`);
      assertEqual(await store.findToken({ refreshToken: text }), saved, `by refresh token ${named}`);
    }
    assertEqual((await store.getTokens()).length, hostileTexts.length + 1, 'how many tokens there are');
    for (const text of hostileTexts) await store.deleteToken(text);
    const left = await store.getTokens();
    assertEqual(
      left.map(({ userName }) => userName),
      ['bystander'],
      'who is left',
    );
  },

  'hostile grant tokens are found exactly': async ({ store }) => {
    for (const text of hostileTexts) await store.saveToken({ userName: `user ${text}`, grantToken: text });
    for (const text of hostileTexts) {
      const found = await store.findToken({ grantToken: text });
      assertEqual(found?.userName, `user ${text}`, `whose grant token is ${JSON.stringify(text)}`);
    }
  },

  'extras named like parts of an object are stored, and change no object': async ({ store }) => {
    const extras = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x"}') as {
      [name: string]: Json;
    };
    const { id } = await store.saveToken({ ...userToken('ann'), extras });
    const found = await store.findTokenById(id);
    assertEqual(JSON.stringify(found?.extras), JSON.stringify(extras), 'the extras');
    assertEqual(Reflect.get({}, 'polluted'), undefined, 'a field of any other object');
  },
};
