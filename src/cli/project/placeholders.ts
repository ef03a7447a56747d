/** What stands in a new configuration until somebody fills it in: it can be read, and works nowhere. */
export const placeholders = {
  databaseId: '00000000-0000-0000-0000-000000000000',
  issuer: 'https://authorization-server.example',
  clientId: 'your-client-id',
} as const;
