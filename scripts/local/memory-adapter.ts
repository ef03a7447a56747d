type Payload = { grantId?: string; uid?: string; consumed?: number; [name: string]: unknown };
type Stored = { payload: Payload; expiresAt: number };

/** Where one local authorization server keeps its sessions, grants and tokens, under `Model:id`, until it stops. */
export type Memory = Map<string, Stored>;

/** Connects oidc-provider to a {@link Memory}: for each of its models an object with its adapter methods. */
export function memoryAdapter(memory: Memory): (model: string) => object {
  const alive = (stored: Stored | undefined) => (stored && stored.expiresAt > Date.now() ? stored.payload : undefined);
  return (model) => ({
    async upsert(id: string, payload: Payload, expiresIn?: number) {
      memory.set(`${model}:${id}`, { payload, expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
    },
    async find(id: string) {
      return alive(memory.get(`${model}:${id}`));
    },
    async findByUid(uid: string) {
      return alive(
        [...memory.entries()].find(([key, { payload }]) => key.startsWith(`${model}:`) && payload.uid === uid)?.[1],
      );
    },
    async consume(id: string) {
      const payload = alive(memory.get(`${model}:${id}`));
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id: string) {
      memory.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId: string) {
      for (const [key, { payload }] of memory) if (payload.grantId === grantId) memory.delete(key);
    },
  });
}
