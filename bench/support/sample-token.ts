/** A token of ordinary size: two tokens of a kilobyte in all, as OpenID Connect servers issue them. */
export const sampleToken = {
  userName: 'ann@example.com',
  issuer: 'https://login.example.com',
  clientId: 'my-page',
  accessToken: 'a'.repeat(700),
  refreshToken: 'r'.repeat(60),
  expiresAt: 1_795_000_000_000,
  scope: 'openid offline_access read write',
  tokenType: 'Bearer',
};
