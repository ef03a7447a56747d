/** An authenticator as in a laptop, whose user answers at once and is verified, for Chromium's `WebAuthn.addVirtualAuthenticator`. */
export const laptopAuthenticator = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
  hasPrf: true,
} as const;
