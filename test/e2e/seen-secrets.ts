import type { BrowserContext } from 'playwright';

/** The secrets that went by while a browser was used. */
export interface SeenSecrets {
  /** Access, refresh and ID tokens, codes, verifiers, states and nonces; all of them so far. */
  all(): Promise<readonly string[]>;
  /** Access, refresh and ID tokens alone. */
  tokens(): Promise<readonly string[]>;
  /** The refresh token that was seen last. */
  refreshToken(): Promise<string>;
}

const names = /^(access_?token|refresh_?token|id_?token|code|code_verifier|state|nonce|client_secret)$/i;

/** Collects every secret in the requests and answers of a browser. */
export function watchSecrets(context: BrowserContext): SeenSecrets {
  const found = new Set<string>();
  const tokens = new Set<string>();
  let refreshToken = '';
  const reading: Promise<void>[] = [];
  const note = (name: string, value: unknown): void => {
    if (!names.test(name) || typeof value !== 'string' || value === '') return;
    found.add(value);
    if (/token$/i.test(name)) tokens.add(value);
    if (/^refresh_?token$/i.test(name)) refreshToken = value;
  };
  const noteAll = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      note(name, inner);
      noteAll(inner);
    }
  };
  context.on('request', (request) => {
    const { searchParams } = new URL(request.url());
    for (const [name, value] of [...searchParams, ...new URLSearchParams(request.postData() ?? '')]) note(name, value);
  });
  // Not at its beginning: the body of an answer that nobody reads to its end never comes.
  context.on('requestfinished', (request) => {
    const read = async (): Promise<void> => {
      const response = await request.response();
      if (response?.headers()['content-type']?.includes('json')) noteAll(await response.json());
    };
    reading.push(read().catch(() => undefined));
  });
  return {
    async all() {
      await Promise.all(reading);
      return [...found];
    },
    async tokens() {
      await Promise.all(reading);
      return [...tokens];
    },
    async refreshToken() {
      await Promise.all(reading);
      return refreshToken;
    },
  };
}
