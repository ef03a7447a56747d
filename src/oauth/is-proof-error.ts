/** Whether this error says that the proof was not taken (RFC 9449 §5 and §8): nothing else has been done then. */
export function isProofError(code: string | undefined): boolean {
  return code === 'use_dpop_nonce' || code === 'invalid_dpop_proof';
}
