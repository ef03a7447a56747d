import { cdp } from 'vitest/browser';
import { laptopAuthenticator } from '../support/laptop-authenticator.ts';

const { send } = cdp() as unknown as { send(method: string, params?: object): Promise<any> };

/** What a {@link virtualAuthenticator} is like. Default: one as in a laptop, whose user answers at once and is verified. */
export interface AuthenticatorOptions {
  readonly hasPrf?: boolean;
  readonly isUserVerified?: boolean;
  readonly hasUserVerification?: boolean;
  readonly transport?: 'internal' | 'usb';
}

/** An authenticator that Chromium makes up. */
export interface VirtualAuthenticator {
  /** How many passkeys it has. */
  count(): Promise<number>;
  /** Whether its user is verified from now on. */
  verify(isUserVerified: boolean): Promise<void>;
  /** Whether its user touches it from now on. */
  touch(isTouched: boolean): Promise<void>;
  /** Takes it away, with its passkeys. */
  remove(): Promise<void>;
}

let isEnabled: Promise<unknown> | undefined;

export async function virtualAuthenticator(options: AuthenticatorOptions = {}): Promise<VirtualAuthenticator> {
  isEnabled ??= send('WebAuthn.enable');
  await isEnabled;
  const { authenticatorId } = await send('WebAuthn.addVirtualAuthenticator', {
    options: { ...laptopAuthenticator, ...options },
  });
  return {
    count: async () => (await send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
    verify: (isUserVerified) => send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    touch: (enabled) => send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    remove: () => send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  };
}
