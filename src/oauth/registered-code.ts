/** RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 8628 §3.5, RFC 8707 §2, RFC 9396 §5, RFC 9449 §5, OpenID Connect Core §3.1.2.6. */
const registered = new Set(
  `invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope
  access_denied unsupported_response_type server_error temporarily_unavailable invalid_token insufficient_scope
  unsupported_token_type authorization_pending slow_down expired_token invalid_target invalid_authorization_details
  invalid_dpop_proof use_dpop_nonce interaction_required login_required account_selection_required consent_required
  invalid_request_uri invalid_request_object request_not_supported request_uri_not_supported
  registration_not_supported unmet_authentication_requirements`.split(/\s+/),
);

/** What GitHub, Slack and Zoho write instead. */
const aliases = new Map([
  ['invalid_code', 'invalid_grant'],
  ['code_already_used', 'invalid_grant'],
  ['bad_verification_code', 'invalid_grant'],
  ['bad_refresh_token', 'invalid_grant'],
  ['invalid_refresh_token', 'invalid_grant'],
  ['token_revoked', 'invalid_grant'],
  ['token_expired', 'invalid_grant'],
  ['redirect_uri_mismatch', 'invalid_grant'],
  ['bad_redirect_uri', 'invalid_grant'],
  ['invalid_redirect_uri', 'invalid_grant'],
  ['invalid_client_id', 'invalid_client'],
  ['invalid_client_secret', 'invalid_client'],
  ['bad_client_secret', 'invalid_client'],
  ['incorrect_client_credentials', 'invalid_client'],
  ['Access Denied', 'temporarily_unavailable'],
  ['ratelimited', 'temporarily_unavailable'],
]);

/**
 * Reduces a server's error to a registered code, so that no text of a server gets into an error or a log.
 *
 * @param error the `error` member of an answer, or an object in its place that holds the code.
 * @returns `server_error`, which condemns no grant, for everything that is neither registered nor a known alias.
 */
export function registeredCode(error: unknown): string {
  const code = isObject(error) ? [error.code, error.error, error.type].find(isText) : error;
  if (!isText(code)) return 'server_error';
  return aliases.get(code) ?? (registered.has(code) ? code : 'server_error');
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
