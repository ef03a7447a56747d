/**
 * Domain separation of everything that is derived from a key (specification §3). Each label is 16 ASCII bytes and no
 * two are equal, hence none is a prefix of another.
 */
export const labels = {
  /** Record key and commitment; followed by the associated data. */
  record: 'tokenkeep/v1/rec',
  /** Key id; followed by nothing. */
  keyId: 'tokenkeep/v1/kid',
  /** Key of a blind index; followed by the length-prefixed field label. */
  index: 'tokenkeep/v1/idx',
  /** The key that wraps root keys, derived from a master key; followed by nothing. */
  wrap: 'tokenkeep/v1/wrp',
  /** Key and commitment of a slot that wraps a master key; followed by 1 or 2 and the slot's header. */
  slot: 'tokenkeep/v1/slt',
  /** What a passkey is asked for; followed by the id of the vault, and hashed. */
  prf: 'tokenkeep/v1/prf',
} as const;
