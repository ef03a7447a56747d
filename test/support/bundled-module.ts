import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A module with all that it imports, as one.
 *
 * @param entry the module, from the root of the repository.
 */
export async function bundledModule(entry: string): Promise<string> {
  const lib = { entry: `${root}${entry}`, formats: ['es' as const] };
  const outputs = await build({ configFile: false, root, logLevel: 'silent', build: { write: false, lib } });
  const [module] = Array.isArray(outputs) ? (outputs[0]?.output ?? []) : [];
  if (module?.type !== 'chunk') throw new Error(`${entry} was not bundled`);
  return module.code;
}
