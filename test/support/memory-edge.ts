import type { Bytes } from '../../src/core/bytes.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import type { EdgeKeyHalf } from '../../src/vault/edge-key-half.ts';

/** A worker's half of a key, as one session has it. */
export function memoryEdge(): EdgeKeyHalf {
  let half: Bytes | undefined;
  return {
    async create() {
      if (half !== undefined) throw new TokenkeepError('E_CONFLICT', 'there is one; fetch it');
      half = crypto.getRandomValues(new Uint8Array(32));
      return half.slice();
    },
    async fetch() {
      if (half === undefined) throw new TokenkeepError('E_NO_ROOT', 'there is none; start over');
      return half.slice();
    },
    async destroy() {
      half = undefined;
    },
  };
}
