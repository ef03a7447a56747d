/** The secrets of tokenkeep's worker, with what each is for. */
export const secretNames = {
  TOKENKEEP_KEYRING: 'the root keys',
  OAUTH_CLIENT_SECRET: "the client's secret at the authorization server; leave it out for a public client",
  TOKENKEEP_ADMIN_SECRET: 'opens the administration; leave it out for none',
} as const;

/** Whether a variable is one of those. */
export function isSecretName(name: string): name is keyof typeof secretNames {
  return Object.hasOwn(secretNames, name);
}
