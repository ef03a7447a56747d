/** How to reach a server. The defaults are those of Zoho's SDK. */
export interface MysqlServer {
  /** Default `localhost`. */
  readonly host?: string;
  /** Default 3306. */
  readonly port?: number;
  /** Default `zohooauth`. It has to exist. */
  readonly database?: string;
  /** Default `root`. */
  readonly user?: string;
  /** Default none. */
  readonly password?: string;
}
