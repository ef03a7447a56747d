/** Of Node and its `fetch`: the name was not found, or the connection was refused or never came to be. */
const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
/** Of OpenSSL and Node: the server's certificate was not accepted, and nothing is sent before it is. */
const certificate = /^(CERT_\w+|ERR_TLS_CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/**
 * Whether a `fetch` failed so early that the server certainly got nothing. Browsers and Workers do not tell, so that
 * there it is never certain.
 */
export function wasNotSent(error: unknown): boolean {
  const cause = membersOf(membersOf(error).cause);
  // a host with several addresses: one failure for each of them
  const attempts = Array.isArray(cause.errors) && cause.errors.length > 0 ? cause.errors.map(membersOf) : [cause];
  return attempts.every(({ code, syscall }) => {
    // the same code can also end a connection that has carried the request
    if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return syscall === 'connect';
    return typeof code === 'string' && (unconnected.has(code) || certificate.test(code));
  });
}

function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { [name: string]: unknown }) : {};
}
