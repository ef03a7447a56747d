/** The clients the server knows, by what they are for. The secrets protect nothing: the server is a local one. */
export const clients = {
  worker: { id: 'tokenkeep-worker', secret: 'a-secret-of-the-local-server' },
  workerPost: { id: 'tokenkeep-worker-post', secret: 'another-secret-of-the-local-server' },
  page: { id: 'tokenkeep-page' },
  api: { id: 'tokenkeep-api', secret: 'the-api-secret-of-the-local-server' },
} as const;
