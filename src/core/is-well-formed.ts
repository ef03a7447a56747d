const loneSurrogate = /\p{Surrogate}/u;

/** Whether a text can be written as UTF-8: one with a lone surrogate cannot, and encoders make it equal to others. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}
