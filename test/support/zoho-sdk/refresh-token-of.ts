import type { ZohoServer } from '../zoho-server.ts';

/** The refresh token of a grant of ann's that the store knows nothing of. */
export async function refreshTokenOf(zoho: ZohoServer): Promise<string> {
  const issued = await zoho.tokens.redeem(
    zoho.grant(),
    zoho.client,
    { redirectUrl: undefined, verifier: undefined },
    3_600_000,
  );
  return (issued as { refreshToken: string }).refreshToken;
}
