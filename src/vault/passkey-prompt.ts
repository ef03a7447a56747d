import type { Bytes } from '../core/bytes.ts';
import { type ErrorCode, TokenkeepError } from '../core/tokenkeep-error.ts';

/** A passkey as it is remembered. */
export interface PasskeyCredential {
  readonly id: Bytes;
  /** How it can be reached, as the browser said. */
  readonly transports: readonly string[];
}

/** What an authenticator answered. */
export interface PasskeyAnswer extends PasskeyCredential {
  /** The value of the PRF; absent when there was none. */
  readonly secret?: Bytes;
}

/** What a new passkey is to be. */
export interface PasskeyCreation {
  readonly rpName?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly rpId?: string;
  /** What the PRF is asked for. */
  readonly input: Bytes;
  /** The authenticators of these refuse. */
  readonly exclude: readonly PasskeyCredential[];
}

/** Which passkeys may answer. */
export interface PasskeyAssertion {
  readonly rpId: string | undefined;
  readonly input: Bytes;
  readonly allow: readonly PasskeyCredential[];
}

const userVerified = 4;
const flagsAt = 32;

/** Makes a passkey. The value is there only if the browser gives it at once. */
export async function createPasskey(creation: PasskeyCreation): Promise<PasskeyAnswer> {
  const { rpId, input, exclude, rpName = location.hostname, userName = rpName, displayName = userName } = creation;
  const credential = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: rpName, ...(rpId !== undefined && { id: rpId }) },
        // a random one: a passkey of the same user id would take the place of that for signing in
        user: { id: random(), name: userName, displayName },
        challenge: random(),
        pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        excludeCredentials: exclude.map(descriptor),
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  const response = credential.response as AuthenticatorAttestationResponse;
  requireVerified(response.getAuthenticatorData());
  const { prf } = credential.getClientExtensionResults();
  if (prf?.enabled !== true) throw failures.noPrf();
  return answerOf(credential, prf, response.getTransports?.() ?? []);
}

/** Asks for one of the passkeys: one prompt for all of them. */
export async function assertPasskey({ rpId, input, allow }: PasskeyAssertion): Promise<PasskeyAnswer> {
  const credential = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(),
        ...(rpId !== undefined && { rpId }),
        userVerification: 'required',
        allowCredentials: allow.map(descriptor),
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  requireVerified((credential.response as AuthenticatorAssertionResponse).authenticatorData);
  return answerOf(credential, credential.getClientExtensionResults().prf, []);
}

// nobody checks a signature: what counts is the value, and only the authenticator knows it
const random = (): Bytes => crypto.getRandomValues(new Uint8Array(32));

const descriptor = ({ id, transports }: PasskeyCredential): PublicKeyCredentialDescriptor => ({
  type: 'public-key',
  id,
  ...(transports.length > 0 && { transports: transports as AuthenticatorTransport[] }),
});

function answerOf(
  credential: PublicKeyCredential,
  prf: AuthenticationExtensionsPRFOutputs | undefined,
  transports: readonly string[],
): PasskeyAnswer {
  const value = prf?.results?.first as ArrayBuffer | undefined;
  return {
    id: new Uint8Array(credential.rawId),
    transports,
    ...(value !== undefined && { secret: new Uint8Array(value) }),
  };
}

/** With and without verification an authenticator gives different values. */
function requireVerified(authenticatorData: ArrayBuffer): void {
  const flags = new Uint8Array(authenticatorData)[flagsAt] ?? 0;
  if ((flags & userVerified) === 0) throw failures.notVerified();
}

const failures = {
  none: () => new TokenkeepError('E_UNSUPPORTED', 'this browser has no passkeys; use a passphrase'),
  noPrf: () =>
    new TokenkeepError('E_PRF', 'this passkey or browser cannot derive a key; use another one, or a passphrase'),
  notVerified: () =>
    new TokenkeepError('E_PRF', 'the authenticator did not verify its user; set a PIN, or use another one'),
};

const refusals: { readonly [name: string]: readonly [ErrorCode, string] } = {
  InvalidStateError: ['E_CONFLICT', 'this authenticator has a passkey of the vault already; use another one'],
  SecurityError: ['E_CONFIG', 'rpId is not a domain of this page; set it to its host name, or leave it out'],
  NotSupportedError: ['E_UNSUPPORTED', 'this browser cannot make such passkeys; use a passphrase'],
};

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (globalThis.PublicKeyCredential === undefined || globalThis.navigator?.credentials === undefined) {
    throw failures.none();
  }
  const credential = await ask().catch((error: unknown) => {
    const name = error instanceof DOMException ? error.name : '';
    const [code, message] = (Object.hasOwn(refusals, name) && refusals[name]) || [
      'E_CANCELLED',
      'cancelled, not answered in time, or no fitting passkey is here; try again, or use another way',
    ];
    throw new TokenkeepError(code as ErrorCode, message as string);
  });
  if (credential === null) throw failures.none();
  return credential as PublicKeyCredential;
}
