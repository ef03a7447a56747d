import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * Loads a module that needs mysql2, which is installed only where it is used.
 *
 * @throws `E_CONFIG` when it is not installed.
 */
export async function withMysql<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new TokenkeepError('E_CONFIG', 'mysql2 is not installed; run npm install mysql2 beside tokenkeep');
  }
}
