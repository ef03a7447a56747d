import type { TokenStore } from '../core/token-store.ts';
import type { ContractCase } from './contract-case.ts';
import { tokenFindingCases } from './token-finding-cases.ts';
import { tokenHostileCases } from './token-hostile-cases.ts';
import { tokenListingCases } from './token-listing-cases.ts';
import { tokenSavingCases } from './token-saving-cases.ts';
import { tokenScenario } from './token-scenario.ts';

/**
 * Everything that {@link TokenStore} promises. A store that has the `capabilities` of a backend without compare-and-set is
 * not put into races.
 *
 * @param create makes an empty store, twice for each case. Best over one database, as stores of two tenants, so that the
 * cases show that they are kept apart.
 */
export function tokenStoreContract(create: () => TokenStore | Promise<TokenStore>): readonly ContractCase[] {
  const themes = [tokenFindingCases, tokenSavingCases, tokenListingCases, tokenHostileCases];
  return themes
    .flatMap((cases) => Object.entries(cases))
    .map(([name, check]) => ({ name, run: async () => check(tokenScenario(await create(), await create())) }));
}
