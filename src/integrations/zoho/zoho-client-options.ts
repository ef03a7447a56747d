import type { SavedToken } from '../../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../../core/token-store.ts';
import type { TokenSourceOptions } from '../../manager/token-source.ts';
import type { ZohoDataCenter } from './zoho-data-center.ts';
import type { ZohoEnvironment } from './zoho-provider.ts';

/** What a {@link zohoClient} keeps its tokens in: an `EncryptedTokenStore`, over whatever backend. */
export interface ZohoStore extends ClaimableTokenStore {
  /** Deletes a token, and resolves with what was deleted. */
  takeToken(id: string): Promise<SavedToken | undefined>;
}

/** What {@link zohoClient} needs. `waitUntil`, `signals` and the like are those of a token source. */
export interface ZohoClientOptions
  extends Partial<
    Pick<
      TokenSourceOptions,
      'signals' | 'waitUntil' | 'waitMs' | 'timeoutMs' | 'onEvent' | 'onEventAwaited' | 'fetch' | 'now'
    >
  > {
  /** Where the tokens of all users are. May be shared with other clients: this one touches none of theirs. */
  readonly store: ZohoStore;
  /** Where the client is registered, sign-ins begin and grant tokens are made: one of `zohoDataCenters`, or one of your own. */
  readonly dataCenter: ZohoDataCenter;
  /**
   * Where else users may have their accounts, with multi-DC turned on for the client in the API console: a callback that names
   * another data centre is refused. Default: all of `zohoDataCenters`; beside one of your own, none.
   */
  readonly dataCenters?: readonly ZohoDataCenter[];
  /**
   * Which API the tokens are sent to, whatever they name; Zoho refuses those of another environment. Default: the API that a
   * token names, and `production` for one that names none.
   */
  readonly environment?: ZohoEnvironment;
  readonly clientId: string;
  /**
   * The secret of the client; for a client that has another one in each data centre, all of them by `location`. Never in a page:
   * see {@link zohoClient}. Default: none, for a client that is registered without one.
   */
  readonly clientSecret?: string | { readonly [location: string]: string };
  /** Where Zoho sends the browser back to, exactly as it is registered. Default: none, for a self client. */
  readonly redirectUrl?: string;
  /** What to ask for in a sign-in, such as `ZohoCRM.modules.ALL`. A grant token of the API console has its own. Default: none. */
  readonly scope?: readonly string[];
  /**
   * Whether a sign-in without a `userName` asks the API whose token it got, and names it `email:zgid` as Zoho's SDKs do. It takes
   * two requests to the API and the scopes `ZohoCRM.users.READ` and `ZohoCRM.org.READ`. Default `false`: such a token is stored
   * without a user name, and found by its id.
   */
  readonly findUser?: boolean;
}
