import { fromBase64url } from '../core/base64url.ts';

/** What an ID token says, as long as nobody has checked it (RFC 7519 §4). Empty for what is no readable ID token. */
export function idTokenClaims(idToken: unknown): { readonly sub?: unknown; readonly iat?: unknown } {
  const payload = fromBase64url((typeof idToken === 'string' ? idToken.split('.')[1] : undefined) ?? '');
  try {
    return { ...JSON.parse(new TextDecoder().decode(payload)) };
  } catch {
    return {};
  }
}
