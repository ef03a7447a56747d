import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { Transaction } from '../../oauth/transaction.ts';
import type { ZohoSite } from './zoho-site.ts';

/**
 * Where the code of a callback is to be redeemed: at the data centre that has the user's account. Zoho names it in `location`
 * and `accounts-server`, which anybody can write into an address; so both have to be there, once, and mean one data centre that
 * the client uses. Otherwise the code and the client secret would go to whoever asks for them (a mix-up attack, RFC 9700 §4.4).
 * Without both it is where the sign-in began.
 *
 * The state is looked at first: of an address that belongs to no sign-in nothing is believed.
 *
 * @throws `E_CALLBACK`
 */
export function calledBackSite(
  { state, issuer }: Transaction,
  { searchParams }: URL,
  sites: readonly [ZohoSite, ...ZohoSite[]],
): ZohoSite {
  const [first] = sites;
  if (searchParams.get('state') !== state || first.client.provider.issuer !== issuer) {
    throw new TokenkeepError('E_CALLBACK', 'the callback does not belong to this sign-in; start the sign-in again');
  }
  const locations = searchParams.getAll('location');
  const servers = searchParams.getAll('accounts-server');
  if (locations.length === 0 && servers.length === 0) return first;
  const named = sites.find(
    ({ location, client }) => location === locations[0] && client.provider.issuer === servers[0],
  );
  if (named !== undefined && locations.length === 1 && servers.length === 1) return named;
  throw new TokenkeepError(
    'E_CALLBACK',
    'the callback names a data centre that this client does not use; add it to dataCenters if it is one of Zoho, and start the sign-in again',
  );
}
