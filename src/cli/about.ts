import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { namePassword } from './name-password.ts';

/**
 * Says in a failure which setting it is about.
 *
 * @param passwordVariable the variable to name when it is the password that is missing.
 */
export async function about<Result>(
  setting: string,
  work: () => Result | Promise<Result>,
  passwordVariable?: string,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TokenkeepError)) throw error;
    const { code, message } = passwordVariable === undefined ? error : namePassword(error, passwordVariable);
    throw new TokenkeepError(code, `${setting}: ${message}`);
  }
}
