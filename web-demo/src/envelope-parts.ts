/** One stretch of a sealed record, as `docs/storage-format.md` numbers it. */
export interface EnvelopePart {
  readonly name: string;
  /** Selects the colour: `--part-<key>`. */
  readonly key: 'version' | 'type' | 'key' | 'salt' | 'iv' | 'commitment' | 'ciphertext' | 'tag';
  readonly meaning: string;
  readonly start: number;
  readonly end: number;
}

/** The parts of an envelope of this many bytes, in order and without gaps. */
export function envelopeParts(length: number): readonly EnvelopePart[] {
  return [
    { name: 'version', key: 'version', meaning: 'fixes every algorithm', start: 0, end: 1 },
    { name: 'type', key: 'type', meaning: 'a record', start: 1, end: 2 },
    { name: 'key id', key: 'key', meaning: 'which root key sealed it', start: 2, end: 6 },
    { name: 'salt', key: 'salt', meaning: 'gives this record a key of its own', start: 6, end: 22 },
    { name: 'IV', key: 'iv', meaning: 'random for every write', start: 22, end: 34 },
    { name: 'commitment', key: 'commitment', meaning: 'ties the bytes to that one key', start: 34, end: 66 },
    { name: 'ciphertext', key: 'ciphertext', meaning: 'the token, padded', start: 66, end: length - 16 },
    { name: 'tag', key: 'tag', meaning: 'any changed bit is noticed', start: length - 16, end: length },
  ];
}
