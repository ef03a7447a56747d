/** The name that the SDK gives the n-th user: address and organisation. */
export const userOf = (n: number): string => `user${n}@example.com:60001`;

/** A token of the length and form of Zoho's. */
export const accessTokenOf = (user: string): string => tokenOf(`access ${user}`);

export const refreshTokenOf = (user: string): string => tokenOf(`refresh ${user}`);

function tokenOf(text: string): string {
  return `1000.${Buffer.from(text).toString('hex').padEnd(65, '0').slice(-65)}`;
}
