import * as engine from 'oauth4webapi';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { DpopKeyPair } from './dpop-key-pair.ts';
import { serverTime } from './server-time.ts';

/** What the next proof for a server needs: its newest nonce, and how far its clock is ahead of ours. */
interface Lesson {
  readonly nonce: string | undefined;
  readonly aheadMs: number;
}

/** The proofs of one call (RFC 9449 §4.2). */
export interface DpopProofs {
  /** What makes them, in the words of the OAuth library. */
  readonly handle: engine.DPoPHandle;
  /**
   * Takes the nonce from an answer (RFC 9449 §8.2), and the clock from one that refused the proof: a server whose `Date`
   * is wrong does no harm as long as it takes the proofs.
   *
   * @returns whether the next proof will be another one in what the server may have refused.
   */
  learn(url: string, headers: Headers, refused: boolean): boolean;
}

/** A server takes proofs that are a few seconds old, or more. */
const toleratedMs = 5000;
const nothing: Lesson = { nonce: undefined, aheadMs: 0 };
/** By private key, then by origin: what one call has learnt spares the next one a refusal. */
const lessons = new WeakMap<object, Map<string, Lesson>>();

/**
 * Prepares to prove, for one call, that this client has the key.
 *
 * @throws `E_CONFIG` when the key is not one for ES256.
 */
export function dpopProofs({ privateKey, publicKey }: DpopKeyPair, now: () => number): DpopProofs {
  const { name, namedCurve } = privateKey.algorithm as { readonly name: string; readonly namedCurve?: string };
  const isSigning = privateKey.type === 'private' && privateKey.usages.includes('sign');
  if (name !== 'ECDSA' || namedCurve !== 'P-256' || !isSigning || !publicKey.extractable) {
    throw new TokenkeepError(
      'E_CONFIG',
      'Set dpop to a key pair for ES256: ECDSA on P-256, whose private key may sign and whose public key is extractable.',
    );
  }
  const learnt = lessons.get(privateKey) ?? new Map<string, Lesson>();
  lessons.set(privateKey, learnt);
  let used = nothing;
  const handle = engine.DPoP(
    {},
    { privateKey, publicKey },
    {
      [engine.modifyAssertion]: (_header, payload) => {
        used = learnt.get(new URL(String(payload.htu)).origin) ?? nothing;
        payload.iat = Math.floor((now() + used.aheadMs) / 1000);
        if (used.nonce !== undefined) payload.nonce = used.nonce;
      },
    },
  );
  return {
    handle,
    learn: (url, headers, refused) => {
      const { origin } = new URL(url);
      const known = learnt.get(origin) ?? nothing;
      const time = refused ? serverTime(headers) : undefined;
      const lesson = {
        nonce: headers.get('dpop-nonce') ?? known.nonce,
        aheadMs: time === undefined ? known.aheadMs : time - now(),
      };
      learnt.set(origin, lesson);
      return lesson.nonce !== used.nonce || Math.abs(lesson.aheadMs - used.aheadMs) > toleratedMs;
    },
  };
}
