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
  /**
   * Whether the connection is encrypted, and refused unless the server has a certificate of its name that one of Node's
   * authorities vouches for (`NODE_EXTRA_CA_CERTS` adds to them). `host` is a name then, and no address. Default false. For
   * other ways hand in a pool.
   */
  readonly tls?: boolean;
}
