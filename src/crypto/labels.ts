/**
 * Domain separation of everything that is derived from a root key (specification §3). Each label is 16 ASCII bytes and no
 * two are equal, hence none is a prefix of another.
 */
export const labels = {
  /** Record key and commitment; followed by the associated data. */
  record: 'tokenkeep/v1/rec',
  /** Key id; followed by nothing. */
  keyId: 'tokenkeep/v1/kid',
  /** Key of a blind index; followed by the length-prefixed field label. */
  index: 'tokenkeep/v1/idx',
} as const;
